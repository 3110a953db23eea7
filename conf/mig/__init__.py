"""The parts of conf/mig.py: parse.py reads .defs files, wire.py lays messages out, client.py and server.py write C."""
