# What is built and with what: architecture, layer, build folder, tools, compiler flags.

# Trees made for students say here which lab they are.
-include labs/tree.mk

ARCHES := aarch64 x86_64
ARCH   ?= aarch64
LAYER  ?= 3
DEBUG  ?= 0
BUILD  ?= build
JOBS   ?= 2

ifeq ($(filter $(ARCH),$(ARCHES)),)
$(error ARCH=$(ARCH) is not known; choose one of: $(ARCHES))
endif
ifeq ($(filter $(LAYER),1 2 3),)
$(error LAYER=$(LAYER) is not known; choose 1, 2 or 3)
endif

# B: the kernel and what is booted with it. U: what runs in user mode, which is the same below every layer and under a debug kernel.
B := $(BUILD)/$(ARCH)$(if $(filter 3,$(LAYER)),,-layer$(LAYER))$(if $(filter 1,$(DEBUG)),-debug)
U := $(BUILD)/$(ARCH)

# The first compiler found wins; plain gcc only where the host is the target. CROSS=prefix- overrides.
cc_aarch64 := aarch64-linux-gnu-gcc aarch64-elf-gcc aarch64-none-elf-gcc
cc_x86_64  := x86_64-linux-gnu-gcc x86_64-elf-gcc
ifeq ($(shell uname -s),Linux)
cc_$(shell uname -m) += gcc
endif
ifndef CROSS
cc_found := $(firstword $(foreach c,$(cc_$(ARCH)),$(if $(shell command -v $c 2>/dev/null),$c)))
CROSS := $(patsubst %gcc,%,$(or $(cc_found),$(firstword $(cc_$(ARCH)))))
endif
CC      := $(CROSS)gcc
AR      := $(CROSS)ar
OBJCOPY := $(CROSS)objcopy
HOSTCC  ?= cc
PYTHON  ?= python3
export PYTHONDONTWRITEBYTECODE := 1

gcc_include := $(shell $(CC) -print-file-name=include 2>/dev/null)

# Where an exercise is empty its parameters and helpers have no use yet: students' trees say nothing about that.
WARN   := -Wall -Wextra $(if $(filter 0,$(WERROR)),-Wno-unused-parameter -Wno-unused-function,-Werror)
COMMON := -std=gnu11 -O2 -g $(WARN) -ffreestanding -fno-common -fno-strict-aliasing \
	-fno-omit-frame-pointer -fno-stack-protector -fno-asynchronous-unwind-tables \
	-nostdinc -isystem $(gcc_include) -Iinc -include lab.h

arch_aarch64 := -mno-outline-atomics -mbranch-protection=none
arch_x86_64  := -fcf-protection=none
COMMON += $(arch_$(ARCH))

# The kernel: no FP registers, no red zone, linked in the top 2 GB on x86_64.
kern_aarch64 := -fno-pic -mstrict-align
kern_x86_64  := -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone
KFLAGS := $(COMMON) -mgeneral-regs-only $(kern_$(ARCH)) -DLAYER=$(LAYER) $(if $(filter 1,$(DEBUG)),-DDEBUG=1) \
	-Ikern -Iinc -Ilib -Ikern/arch/$(ARCH)

# User programs stand at 0x80000000 and up, out of the reach of x86_64's signed 32-bit absolute addresses: hence -fpie.
user_aarch64 := -fno-pic
user_x86_64  := -fpie
uld_x86_64   := -Wl,--no-relax
# a*b+c is not contracted: the C library's arithmetic (lib/libc/math/pair.h) is about the rounding of each step.
UFLAGS := $(COMMON) -fbuiltin -ffp-contract=off $(user_$(ARCH)) -Iinc -Iinc/libc -Ilib -I$(U)/gen

# The machine is QEMU's: without the way around an erratum of real Cortex-A53s (843419), for which the linker pads the kernel with a page.
ld_aarch64 := -mno-fix-cortex-a53-843419
LDFLAGS  := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack $(ld_$(ARCH))
ULDFLAGS := $(LDFLAGS) $(uld_$(ARCH)) -Wl,-z,separate-code -T conf/user.ld

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@echo "  $1")

# $(call remember,text): keeps the text in $@, whose time changes only when the text does.
define remember
@mkdir -p $(@D); echo '$(subst ','\'',$1)' > $@.$$$$; \
	if cmp -s $@.$$$$ $@; then rm $@.$$$$; else mv $@.$$$$ $@; fi
endef

# Everything compiled depends on this: a changed flag or compiler rebuilds, a missing tool is told once.
# (Taken now: in the recipe they would have what the target that asks first has added for itself.)
kernel_flags := $(KFLAGS) $(LDFLAGS)
user_flags := $(UFLAGS) $(ULDFLAGS)
compiler := $(shell $(CC) -dumpfullversion -dumpmachine 2>/dev/null)
$(B)/flags: FORCE
	@sh conf/need.sh $(CC) $(PYTHON)
	$(call remember,$(compiler) $(kernel_flags))
$(U)/user-flags: FORCE
	@sh conf/need.sh $(CC) $(PYTHON)
	$(call remember,$(compiler) $(user_flags))

# $(call sources,FOLDER...): every C and assembly file below, without the other architectures' folders.
not_ours := $(filter-out $(ARCH),$(ARCHES))
sources = $(foreach f,$(sort $(shell find $(wildcard $1) /dev/null -name '*.[cS]' -type f)),$(if \
	$(filter $(not_ours),$(subst /, ,$f)),,$f))
