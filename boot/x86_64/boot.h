/*
 * Between the files of this folder: what boot_main (bootinfo.c) calls, in that order.
 */
#ifndef BOOT_X86_64_H
#define BOOT_X86_64_H

#include <stddef.h>
#include <stdint.h>

/* Says why on the console and powers off with a failing status. */
_Noreturn void boot_fail(const char *why);

/*
 * directmap.c: maps all RAM of bootinfo.memory and the device registers in [DEVICE_SPACE, 4 GB)
 * into the direct map. Tables it needs stand from `free` on; returns the first byte behind them
 * (physical addresses).
 */
uint64_t directmap_make(uint64_t free);

/*
 * acpi.c: the processors in the MADT that the table at `rsdp` leads to, into ids. Returns how many,
 * 0: no such table.
 */
unsigned acpi_cpus(uint64_t rsdp, uint64_t *ids, unsigned max);

/* fwcfg.c: QEMU's configuration device. */
unsigned fwcfg_cpu_count(void);

/*
 * Goes to the start of a file. Returns its size in bytes, 0: not there. fwcfg_read then reads on,
 * in order.
 */
uint32_t fwcfg_open(const char *name);
void fwcfg_read(void *to, uint32_t size);

#endif
