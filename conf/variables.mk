# What may be set on make's command line, and which goals read it. A variable that none of the goals reads is an error: to ignore it
# would be to make something else than what was meant. Only the first make looks; those that it starts inherit all variables.

any_goal_reads := ARCH LAYER DEBUG BUILD JOBS V WERROR CROSS CC AR OBJCOPY HOSTCC PYTHON SHELL

boots_read       := CPUS MEM APPEND SWAP PROGS
qemu_reads       := $(boots_read)
qemu-gdb_reads   := $(boots_read)
gdb_reads        := $(boots_read)
all_reads        := PROGS
disk_reads       := PROGS
sdk_reads        := OUT
grade_reads      := LAB CPUS TEST RESULTS SLOW GDB SEED APPEND
replay_reads     := LAB TEST SEED ARGS
handin_reads     := CHECK
check_reads      := SUITE
test-unit_reads  := TEST SEED STRESS
stress_reads     := HOURS MINUTES SEED LONG MUTANTS
bench_reads      := QUICK SEED BENCH
bench-posix_reads := BENCH
bench-files_reads := BENCH
scaling_reads    := SCALING
handout_reads    := OUT RELEASE PREP ANNOUNCE
tree_reads       := OUT TREE
labs-check_reads := CHECK

ifeq ($(MAKELEVEL),0)
goals := $(or $(MAKECMDGOALS),all)
read := $(any_goal_reads) $(foreach g,$(goals),$($g_reads))
given := $(foreach v,$(.VARIABLES),$(if $(filter command,$(origin $v)),$v))
unread := $(filter-out $(read) MAKE%,$(given))
ifneq ($(unread),)
$(error "make $(goals)" does not read $(unread:%=%=). Besides ARCH, DEBUG, BUILD, JOBS, V, CROSS it reads \
	$(or $(addsuffix =,$(sort $(foreach g,$(goals),$($g_reads)))),nothing); see "make help")
endif
endif
