# The course, in the finished tree only: marks, hand-outs, and whether the graders have teeth.

.PHONY: fences

fences:
	@$(PYTHON) conf/course/fences.py

# OUT=folder; RELEASE=N and PREP=M limit what students see; ANNOUNCE=text for a fix beside an exercise.
.PHONY: handout tree
handout:
	@$(if $(OUT),,echo "make handout OUT=folder [RELEASE=N] [PREP=M] [ANNOUNCE=text]" >&2; exit 2)
	@$(PYTHON) conf/course/handout.py '$(OUT)' $(if $(RELEASE),--release $(RELEASE)) $(if $(PREP),--prep $(PREP)) \
		$(if $(ANNOUNCE),--announce '$(subst ','\'',$(ANNOUNCE))')

# One tree from the files on disk, for those who write exercises: make tree OUT=folder TREE="lab1" or "sol1 without 1.3".
tree:
	@$(PYTHON) conf/course/tree.py '$(OUT)' $(TREE)

# Who grades the graders; CHECK="--lab 1 --arch x86_64 --only removal,bugs" narrows (conf/course/labs_check.py --help).
.PHONY: labs-check
labs-check:
	@$(PYTHON) conf/course/fences.py
	@$(PYTHON) conf/course/labs_check.py --build $(BUILD) --jobs $(JOBS) $(CHECK)
