# Checks and reports: make check, test-unit, grade, size, compile_commands.json.

.PHONY: grade handin replay kernel boot compile_commands.json

# Only what was asked for on the command line narrows the graders.
grade_words := LAB ARCH CPUS LAYER TEST RESULTS SLOW GDB SEED DEBUG APPEND
grade:
	@sh conf/need.sh $(PYTHON) expect mke2fs
	@$(PYTHON) grade/grade.py BUILD=$(BUILD) JOBS=$(JOBS) \
		$(foreach v,$(grade_words),$(if $(filter command environment,$(origin $v)),$v='$($v)'))

# In a tree that was handed out: what was changed, in one file, tried out (CHECK=0: not tried out).
handin:
	@sh conf/need.sh $(PYTHON) expect
	@$(PYTHON) grade/handin.py --arch $(ARCH) $(if $(filter 0,$(CHECK)),--no-check)

# A failing test with one CPU again, recorded, and GDB on the recording (ARGS= for GDB).
replay_words := LAB ARCH LAYER TEST SEED DEBUG
replay:
	@sh conf/need.sh $(PYTHON) expect
	@$(PYTHON) grade/replay.py BUILD=$(BUILD) $(foreach v,$(replay_words),$(if $(filter \
		command environment,$(origin $v)),$v='$($v)')) $(if $(ARGS),-- $(ARGS))

# Trees made for students lack what these need.
ifneq ($(wildcard conf/check.py),)
.PHONY: check stress test-unit size bench scaling
check:
	@sh conf/need.sh $(PYTHON)
	@$(PYTHON) conf/check.py --make '$(MAKE)' --build $(BUILD) --jobs $(JOBS) $(SUITE)

# For HOURS= or MINUTES= (an hour) on each architecture, or on ARCH: random numbers that nobody has tried yet; then what is too long for
# make check (LONG=0: not), and every planted mistake (MUTANTS=0: not).
stress:
	@sh conf/need.sh $(PYTHON) expect mke2fs
	@$(PYTHON) conf/stress.py --build $(BUILD) --jobs $(JOBS) --cc $(HOSTCC) $(if $(filter file,$(origin ARCH)),,--arch $(ARCH)) \
		$(if $(SEED),--seed $(SEED)) $(if $(filter 0,$(LONG)),--no-long) $(if $(filter 0,$(MUTANTS)),--no-mutants) \
		$(if $(HOURS),--hours '$(HOURS)') $(if $(MINUTES),--minutes '$(MINUTES)')

test-unit:
	@sh conf/need.sh $(HOSTCC) $(PYTHON)
	@$(PYTHON) conf/unit.py --out $(BUILD)/unit --cc $(HOSTCC) --jobs $(JOBS) $(TEST)

# The release kernels, of both architectures unless ARCH is given.
size_of := $(if $(filter file,$(origin ARCH)),$(ARCHES),$(ARCH))
size:
	@$(foreach a,$(size_of),$(MAKE) ARCH=$a LAYER=3 DEBUG=0 kernel >/dev/null && ):
	@$(PYTHON) conf/size.py $(foreach a,$(size_of),$a=$(BUILD)/$a/kernel.elf)

# What operations cost: the kernel's, then the two below. QUICK=1: only the kernel's, counted only; SEED=N: of the drawn messages; BENCH=--check
# compares the kernel's with the baseline, BENCH=--accept makes the numbers the baseline.
bench:
	@$(foreach a,$(size_of),$(MAKE) ARCH=$a LAYER=3 DEBUG=0 boot >/dev/null && ):
	@$(PYTHON) conf/bench.py --build $(BUILD) $(if $(QUICK),--quick) $(if $(SEED),--seed $(SEED)) $(BENCH) \
		$(size_of)
	$(if $(QUICK)$(BENCH),,@$(MAKE) bench-posix bench-files BENCH=--wall)

# POSIX calls beside the same program on Linux in the same QEMU (Debian's kernel is fetched into build/linux). BENCH=--wall: the wall clock too.
.PHONY: bench-posix
bench-posix:
	@$(foreach a,$(size_of),$(MAKE) ARCH=$a LAYER=3 DEBUG=0 all >/dev/null && ):
	@$(PYTHON) conf/bench_posix.py --build $(BUILD) $(BENCH) $(size_of)

# Large files, large directories, pages from swap, beside the same program on Linux: minutes. BENCH=--check compares our numbers with the
# baseline, BENCH=--accept makes them the baseline; --no-linux, --wall: the wall clock too, --part names: one part.
.PHONY: bench-files
bench-files:
	@$(foreach a,$(size_of),$(MAKE) ARCH=$a LAYER=3 DEBUG=0 all >/dev/null && ):
	@$(PYTHON) conf/bench_files.py --build $(BUILD) $(BENCH) $(size_of)
endif

# Two CPUs against one, on the wall clock.
scaling:
	@$(foreach a,$(size_of),$(MAKE) ARCH=$a LAYER=3 DEBUG=0 boot >/dev/null && ):
	@$(PYTHON) conf/scaling.py --build $(BUILD) $(SCALING) $(size_of)

kernel: $(KERNEL)
boot: $(KERNEL) $(BOOT_ARCHIVE)

compile_commands.json:
	@$(MAKE) -nB V=1 all | $(PYTHON) conf/compdb.py $@

# Staff only: what the trees given to students are made with.
-include conf/course/course.mk
