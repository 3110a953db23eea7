# MACH_R: `make help` lists what can be made. The rules live in conf/*.mk (see conf/README.md).

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: FORCE all setup doctor help clean

include conf/variables.mk

# `make setup qemu`: tools that setup installs can only be found by a make started afterwards.
ifneq ($(filter setup,$(MAKECMDGOALS)),)
after_setup := $(filter-out setup,$(MAKECMDGOALS))
.PHONY: after-setup $(after_setup)
setup:
	@sh conf/setup.sh
after-setup: setup
	@+$(MAKE) -j$(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2) $(after_setup)
$(after_setup): after-setup
	@:
else ifneq ($(filter doctor help,$(firstword $(MAKECMDGOALS))),)
doctor:
	@sh conf/doctor.sh
help:
	@sh conf/help.sh
else ifeq ($(filter 4.% 5.%,$(MAKE_VERSION)),)
$(error This is make $(MAKE_VERSION); MACH_R needs GNU make 4 (macOS: "brew install make", then "gmake"). \
	"make setup" installs what is missing, "make doctor" tells)
else
include conf/config.mk
include conf/kernel.mk
include conf/user.mk
include conf/run.mk
include conf/check.mk

all: $(KERNEL) $(PROGRAMS) $(BOOT_ARCHIVE) $(if $(filter 3,$(LAYER)),disk-update)

clean:
	rm -rf $(BUILD) compile_commands.json
endif
