"""The grading library. grade/README.md says what lives where; tests import from `lib.api`."""
