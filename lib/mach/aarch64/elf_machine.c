/* The machine of the ELF files that run here (System V gABI, e_machine: EM_AARCH64). */
#include "mach/elf_load.h"

const uint16_t elf_machine = 183;
