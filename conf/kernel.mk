# The kernel: kern/ + boot/ + lib/line + plain string functions, linked twice so that it knows its symbols.

# Layers (see kern/README.md): a lower cut leaves out these folders and files.
layer_2_only := kern/ipc/% kern/task/% kern/sched/% kern/trace/% kern/vm/% %_l2.c %_l2.S
layer_3_only := kern/vm/pager% %_l3.c %_l3.S
layer_1_only := %_l1.c
left_out_1   := $(layer_2_only) $(layer_3_only)
left_out_2   := $(layer_3_only) $(layer_1_only)
left_out_3   := $(layer_1_only) kern/monitor/selftest_lab%

KSRC := $(filter-out $(left_out_$(LAYER)),$(call sources,kern boot))
KLIB := $(call sources,lib/line) $(wildcard lib/libc/string/mem*.c lib/libc/string/str*.c)
KOBJ := $(patsubst %,$(B)/k/%.o,$(KSRC))
KLIBOBJ := $(patsubst %,$(B)/k/%.o,$(KLIB))

# QEMU loads a flat Image on aarch64 and an ELF with a PVH note on x86_64.
KERNEL_aarch64 := $(B)/kernel.img
KERNEL_x86_64  := $(B)/kernel.elf
KERNEL := $(KERNEL_$(ARCH))

$(B)/k/lib/%.o: KFLAGS += -Iinc/libc
# Compiled for speed, without padding: what every trap, message, fault and switch runs through. The rest is compiled for size.
hot := kern/arch/% kern/mm/% kern/sched/% kern/sync/% kern/trap/% kern/vm/fault% kern/vm/amap% kern/vm/anon% \
	$(foreach f,fastpath mach_msg mqueue names kmsg receive send copyin copyout,kern/ipc/$f%) lib/libc/string/mem%
$(patsubst %,$(B)/k/%.o,$(filter $(hot),$(KSRC) $(KLIB))): KFLAGS += -fno-align-functions -fno-align-jumps -fno-align-loops
$(patsubst %,$(B)/k/%.o,$(filter-out $(hot),$(KSRC) $(KLIB))): KFLAGS += -Os
# Its caller, trap.S, has all registers in the trap frame: there is nothing to preserve.
callee_saved_aarch64 := x19 x20 x21 x22 x23 x24 x25 x26 x27 x28
callee_saved_x86_64 := rbx r12 r13 r14 r15
$(B)/k/kern/ipc/fastpath.c.o: KFLAGS += $(addprefix -fcall-used-,$(callee_saved_$(ARCH)))
$(B)/k/lib/libc/%.o: KFLAGS += -fno-tree-loop-distribute-patterns

# Debug kernels stop at undefined behaviour (kern/init/ubsan.c).
ifeq ($(DEBUG),1)
KFLAGS += -fsanitize=undefined -fno-sanitize-recover=all
endif

$(B)/k/%.c.o: %.c $(B)/flags
	$(call say,CC      $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KFLAGS) -MMD -MP -c -o $@ $<

$(B)/k/%.S.o: %.S $(B)/flags
	$(call say,AS      $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KFLAGS) -MMD -MP -c -o $@ $<

$(B)/k/sources: FORCE
	$(call remember,$(KSRC) $(KLIB))

$(B)/libk.a: $(KLIBOBJ) $(B)/k/sources
	@rm -f $@
	$(Q)$(AR) rcsD $@ $(KLIBOBJ)

KLINK = $(CC) $(LDFLAGS) -Wl,-z,norelro -T boot/$(ARCH)/kernel.ld $(KOBJ)

# First with an empty symbol table, then with the one of the first link; .ksyms stands last, so nothing moves.
$(B)/kernel.elf: $(KOBJ) $(B)/libk.a $(B)/k/sources $(wildcard boot/$(ARCH)/kernel.ld) conf/ksyms.py conf/elf.py
	$(call say,LD      $@)
	$(Q)$(PYTHON) conf/ksyms.py -o $(B)/k/ksyms0.S
	$(Q)$(CC) $(KFLAGS) -c -o $(B)/k/ksyms0.o $(B)/k/ksyms0.S
	$(Q)$(KLINK) $(B)/k/ksyms0.o $(B)/libk.a -o $(B)/k/kernel0.elf
	$(Q)$(PYTHON) conf/ksyms.py -o $(B)/k/ksyms.S $(B)/k/kernel0.elf
	$(Q)$(CC) $(KFLAGS) -c -o $(B)/k/ksyms.o $(B)/k/ksyms.S
	$(Q)$(KLINK) $(B)/k/ksyms.o $(B)/libk.a -o $@
	$(Q)$(PYTHON) conf/ksyms.py --same $(B)/k/kernel0.elf $@

$(B)/kernel.img: $(B)/kernel.elf
	$(Q)$(OBJCOPY) -O binary $< $@

-include $(KOBJ:.o=.d) $(KLIBOBJ:.o=.d)
