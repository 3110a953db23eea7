# The course, in the finished tree only: marks, hand-outs, and whether the graders have teeth.

.PHONY: fences

fences:
	@$(PYTHON) conf/course/fences.py
