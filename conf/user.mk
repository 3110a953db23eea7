# Everything in user mode: generated protocol code, libraries, servers, programs, tests.
# Nothing is listed by name: a folder with main.c under user/ is a server, a file in user/bin or user/test a program.

# Protocols: each inc/proto/NAME.defs becomes C for both sides; all of it goes into libmach.a.
DEFS := $(wildcard inc/proto/*.defs)
PROTO := $(basename $(notdir $(DEFS)))
GENHDR := $(foreach p,$(PROTO),$(U)/gen/$p.h $(U)/gen/$p_server.h)
GENOBJ := $(foreach p,$(PROTO),$(U)/u/gen/$p_client.o $(U)/u/gen/$p_server.o)

$(U)/gen/%.h $(U)/gen/%_server.h $(U)/gen/%_client.c $(U)/gen/%_server.c: inc/proto/%.defs conf/mig.py $(wildcard conf/mig/*.py) $(DEFS) | $(U)/user-flags
	$(call say,MIG     $<)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) conf/mig.py --out $(@D) $<
# Message numbers with their names, for traces; also the check that no two protocols share a number.
$(U)/gen/messages.txt: $(DEFS) conf/mig.py
	@mkdir -p $(@D)
	$(Q)$(PYTHON) conf/mig.py --names $@ $(DEFS)
.SECONDARY: $(GENHDR) $(foreach p,$(PROTO),$(U)/gen/$p_client.c $(U)/gen/$p_server.c)

$(U)/u/lib/libc/%.o: UFLAGS += -fno-builtin -fno-tree-loop-distribute-patterns
$(U)/u/lib/mach/%.o: UFLAGS += -Ilib/mach/$(ARCH)
# The stub of every message: without a frame (a backtrace by frames shows mach_msg, and then its caller's caller).
$(U)/u/lib/mach/mach_msg.o: UFLAGS += -fomit-frame-pointer
$(U)/u/fs/%.o: UFLAGS += -Ifs
$(U)/u/net/%.o: UFLAGS += -Inet
$(U)/u/user/%.o: UFLAGS += -I$(<D)
$(U)/u/user/test/%.o: UFLAGS += -Ilib/mach/$(ARCH) -Iuser/test/$(ARCH)

$(U)/u/%.o: %.c $(U)/user-flags | $(GENHDR)
	$(call say,CC      $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UFLAGS) -MMD -MP -c -o $@ $<

$(U)/u/%.o: %.S $(U)/user-flags | $(GENHDR)
	$(call say,AS      $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UFLAGS) -MMD -MP -c -o $@ $<

$(U)/u/gen/%.o: $(U)/gen/%.c $(U)/user-flags | $(GENHDR)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UFLAGS) -MMD -MP -c -o $@ $<

objs = $(patsubst %,$(U)/u/%.o,$(basename $1))

# Libraries. In lib/libc a file of the architecture's folder replaces the general one of the same name.
LIBS := mach posix line virtio
libc_all := $(filter-out %/crt0.S,$(call sources,lib/libc))
libc_own := $(notdir $(basename $(foreach f,$(libc_all),$(if $(filter $(ARCH),$(subst /, ,$f)),$f))))
LIBC_SRC := $(foreach f,$(libc_all),$(if $(filter $(ARCH),$(subst /, ,$f)),$f,$(if \
	$(filter $(libc_own),$(notdir $(basename $f))),,$f)))
libsrc = $(filter-out %/crt0.S %/crt0.c,$(call sources,lib/$1))
TESTLIB := $(wildcard user/test/lib_*.c)

$(U)/lib/libmach.a: $(GENOBJ)
$(foreach l,$(LIBS),$(eval $(U)/lib/lib$l.a: $(call objs,$(call libsrc,$l))))
$(U)/lib/libc.a: $(call objs,$(LIBC_SRC))
$(U)/lib/libtest.a: $(call objs,$(TESTLIB))
ARCHIVES := $(patsubst %,$(U)/lib/%.a,$(LIBS:%=lib%) libc libtest)

$(ARCHIVES): $(U)/u/sources
	@mkdir -p $(@D); rm -f $@
	$(Q)$(AR) rcsD $@ $(filter %.o,$^)

# The two ways to link. The start file of programs is lib/posix's where there is one.
crt0 = $(call objs,$(firstword $(wildcard $(foreach d,$1,lib/$d/$(ARCH)/crt0.S lib/$d/crt0.c))))
CRT0_SERVER  := $(call crt0,mach)
CRT0_PROGRAM := $(call crt0,posix mach)
LIBS_SERVER  := $(patsubst %,$(U)/lib/lib%.a,test line virtio mach c)
LIBS_PROGRAM := $(patsubst %,$(U)/lib/lib%.a,test line posix c mach)

# $(call program,SERVER|PROGRAM,OUTPUT,SOURCES)
define program
$(U)/$2: $(CRT0_$1) $(call objs,$3) $(LIBS_$1) $(U)/u/sources conf/user.ld
	$(call say,LD      $$@)
	@mkdir -p $$(@D)
	$(Q)$(CC) $(ULDFLAGS) -o $$@ $(CRT0_$1) $(call objs,$3) -Wl,--start-group $(LIBS_$1) -Wl,--end-group -lgcc
LINKED += $(U)/$2
USER_SRC += $3
endef

LINKED :=
USER_SRC := $(LIBC_SRC) $(TESTLIB) $(foreach l,$(LIBS),$(call sources,lib/$l))
SERVERS := $(patsubst user/%/main.c,%,$(wildcard user/*/main.c))
FS_SRC  := $(filter-out fs/blk/%,$(call sources,fs))
BLK_SRC := $(call sources,fs/blk)
NET_SRC := $(call sources,net)
BINS    := $(patsubst user/bin/%.c,%,$(wildcard user/bin/*.c))
TESTS   := $(patsubst user/test/%.c,%,$(filter-out $(TESTLIB) user/test/boot_%,$(wildcard user/test/*.c)))
BOOTTESTS := $(patsubst user/test/boot_%.c,%,$(wildcard user/test/boot_*.c))

$(foreach s,$(SERVERS),$(eval $(call program,SERVER,sys/$s,$(call sources,user/$s))))
$(foreach s,fs blk net,$(if $($(if $(filter fs,$s),FS,$(if $(filter blk,$s),BLK,NET))_SRC),$(eval SERVERS += $s)))
$(if $(FS_SRC),$(eval $(call program,SERVER,sys/fs,$(FS_SRC))))
$(if $(BLK_SRC),$(eval $(call program,SERVER,sys/blk,$(BLK_SRC))))
$(if $(NET_SRC),$(eval $(call program,SERVER,sys/net,$(NET_SRC))))
$(foreach p,$(BINS),$(eval $(call program,PROGRAM,bin/$p,user/bin/$p.c)))
$(foreach p,$(TESTS),$(eval $(call program,PROGRAM,test/$p,user/test/$p.c)))
$(foreach p,$(BOOTTESTS),$(eval $(call program,SERVER,boottest/$p,user/test/boot_$p.c)))

# Layer 1 runs none of them, layer 2 the tests of the boot archive.
PROGRAMS := $(if $(DEFS),$(U)/gen/messages.txt) \
	$(if $(filter 3,$(LAYER)),$(LINKED),$(if $(filter 2,$(LAYER)),$(BOOTTESTS:%=$(U)/boottest/%)))

$(U)/u/sources: FORCE
	$(call remember,$(USER_SRC) $(DEFS))

# What conf/machr-cc links: the start file and the libraries, whose names are out of a program's way (conf/private_names.py), and empty libraries that
# are part of libc here.
PARTS_OF_LIBC := m pthread rt dl util resolv nsl intl iconv atomic
SDK_NAMED := posix c mach
SDK_LIBS := $(U)/sdk/crt0.o $(patsubst %,$(U)/sdk/lib%.a,$(PARTS_OF_LIBC) $(SDK_NAMED) line virtio)

$(U)/sdk/crt0.o: $(U)/sdk/names ;
$(SDK_NAMED:%=$(U)/sdk/lib%.a): $(U)/sdk/names ;
$(U)/sdk/names: $(CRT0_PROGRAM) $(SDK_NAMED:%=$(U)/lib/lib%.a) conf/private_names.py conf/elf.py
	$(call say,NAMES   $(@D))
	$(Q)mkdir -p $(@D)
	$(Q)$(PYTHON) conf/private_names.py --objcopy $(OBJCOPY) --ar $(AR) --out $(@D) $(CRT0_PROGRAM) $(SDK_NAMED:%=$(U)/lib/lib%.a)
	$(Q)touch $@

$(U)/sdk/libline.a $(U)/sdk/libvirtio.a: $(U)/sdk/%: $(U)/lib/%
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(PARTS_OF_LIBC:%=$(U)/sdk/lib%.a): $(U)/user-flags
	@mkdir -p $(@D); rm -f $@
	$(Q)$(AR) rcsD $@

PROGRAMS += $(if $(filter 3,$(LAYER)),$(SDK_LIBS))

# The examples are built as their reader builds them: by the Makefile of their folder, with conf/machr-cc.
EXAMPLES := $(if $(filter 3,$(LAYER)),$(notdir $(basename $(wildcard user/examples/*.c user/examples/plain/*.c))))
PROGRAMS += $(EXAMPLES:%=$(U)/examples/%)

$(EXAMPLES:%=$(U)/examples/%): $(U)/examples/%: $(SDK_LIBS) conf/machr-cc conf/machr.specs conf/user.ld user/examples/Makefile
	$(call say,EXAMPLE $@)
	@mkdir -p $(@D)
	$(Q)MACHR_LIB=$(abspath $(U)/sdk) CROSS=$(CROSS) $(MAKE) -s -B -C user/examples MACHR_ARCH=$(ARCH) OUT=$(abspath $(@D)) \
		CFLAGS='-O2 -g -Wall -Wextra $(if $(filter 0,$(WERROR)),,-Werror)' $(abspath $@)
$(foreach f,$(wildcard user/examples/*.c user/examples/plain/*.c),$(eval $(U)/examples/$(notdir $(basename $f)): $f))

# Tests that are ordinary programs, built like the examples.
PLAIN_TESTS := $(if $(filter 3,$(LAYER)),$(notdir $(basename $(wildcard user/test/plain/*.c))))
PROGRAMS += $(PLAIN_TESTS:%=$(U)/plain/%)

$(PLAIN_TESTS:%=$(U)/plain/%): $(U)/plain/%: user/test/plain/%.c $(SDK_LIBS) conf/machr-cc conf/machr.specs conf/user.ld
	$(call say,CC      $<)
	@mkdir -p $(@D)
	$(Q)MACHR_LIB=$(abspath $(U)/sdk) CROSS=$(CROSS) conf/machr-cc --arch=$(ARCH) -O2 -g -Wall -Wextra \
		$(if $(filter 0,$(WERROR)),,-Werror) -o $@ $<

# What goes on disk and into the archive carries no symbols; GDB reads the files above.
$(U)/stripped/%: $(U)/%
	@mkdir -p $(@D)
	$(Q)$(OBJCOPY) -S $< $@

-include $(patsubst %.o,%.d,$(call objs,$(USER_SRC)) $(GENOBJ))
