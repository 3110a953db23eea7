# The boot archive, the disk image, and running both under QEMU, with and without GDB.

.PHONY: disk disk-update qemu qemu-gdb gdb sdk-libs sdk

# Servers that start before there is a disk, their unit files, and tests that need no server.
in_archive := init mem blk fs proc tty msh
UNITS := $(wildcard conf/init/*.unit)
ARCHIVED := $(foreach t,$(BOOTTESTS),boot/test/$t=$(U)/stripped/boottest/$t) etc/messages=$(U)/gen/messages.txt
ifeq ($(LAYER),3)
ARCHIVED += $(foreach s,$(filter $(in_archive),$(SERVERS)),boot/$s=$(U)/stripped/sys/$s) \
	$(foreach u,$(UNITS),etc/init/$(notdir $u)=$u)
endif
archived_files := $(foreach a,$(ARCHIVED),$(lastword $(subst =, ,$a)))

$(B)/boot.list: FORCE
	$(call remember,$(ARCHIVED))

$(B)/boot.tar: $(archived_files) $(B)/boot.list conf/archive.py
	$(call say,TAR     $@)
	$(Q)$(PYTHON) conf/archive.py $@ $(ARCHIVED)

# Layer 1 has nothing to run, layer 2 only tests.
BOOT_ARCHIVE := $(if $(filter 1,$(LAYER)),,$(B)/boot.tar)

# The disk: what the guest wrote stays, changed programs are replaced; `make disk` starts afresh.
ON_DISK := $(foreach p,$(BINS),/bin/$p=$(U)/stripped/bin/$p) $(foreach p,$(filter test,$(BINS)),/bin/[=$(U)/stripped/bin/$p) $(foreach p,$(TESTS),/test/$p=$(U)/stripped/test/$p) \
	$(foreach p,$(PLAIN_TESTS),/test/$p=$(U)/stripped/plain/$p) \
	$(foreach p,$(filter msh,$(SERVERS)),/bin/$p=$(U)/stripped/sys/$p /bin/sh=$(U)/stripped/sys/$p) \
	$(foreach p,$(EXAMPLES),/examples/$p=$(U)/stripped/examples/$p) \
	$(foreach f,$(if $(EXAMPLES),$(wildcard user/examples/plain/data/*)),/examples/plain/$(notdir $f)=$f)
disk_files := $(foreach d,$(ON_DISK),$(lastword $(subst =, ,$d)))
MKDISK = $(PYTHON) conf/mkdisk.py --image $(B)/disk.img --list $(B)/disk.list \
	$(foreach d,$(ON_DISK),--put $d) --tree conf/disk $(foreach p,$(PROGS),--prog $p)

disk-update: $(disk_files)
	@sh conf/need.sh mke2fs debugfs e2fsck
	$(Q)$(MKDISK)

disk: $(disk_files)
	@sh conf/need.sh mke2fs debugfs e2fsck
	$(Q)$(MKDISK) --new

# QEMU: the one place that knows its command lines is conf/qemu.py.
CPUS ?= 1
MEM  ?= 128M
QEMU = $(PYTHON) conf/qemu.py --arch $(ARCH) --kernel $(KERNEL) --cpus $(CPUS) --mem $(MEM) --append '$(APPEND)' \
	$(if $(BOOT_ARCHIVE),--initrd $(BOOT_ARCHIVE)) $(if $(filter 3,$(LAYER)),--disk $(B)/disk.img) \
	$(if $(SWAP),--swap $(B)/swap.img --swap-size $(SWAP))

qemu: all
	@$(QEMU)

qemu-gdb: all
	@$(QEMU) --gdb $(B)/gdb.port

gdb:
	@sh conf/gdb/run.sh $(ARCH) $(B)

# Compiler, headers and libraries for programs, in a folder that may be moved: OUT=folder, or build/sdk.
sdk-libs: $(SDK_LIBS)
sdk:
	@$(foreach a,$(ARCHES),$(MAKE) ARCH=$a LAYER=3 DEBUG=0 sdk-libs && ):
	@sh conf/sdk.sh $(BUILD) $(or $(OUT),$(BUILD)/sdk)
