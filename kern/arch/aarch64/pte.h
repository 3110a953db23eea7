/*
 * Page-table entries and the registers that go with them (Arm Architecture Reference Manual, D8:
 * VMSAv8-64, 4 KB granule, 48 bits).
 *
 *	 63   55 54  53  52 51 50     47                       12 11 10 9  8 7  6 5 4   2  1  0
 *	+-------+---+---+-----+------+---------------------------+--+--+----+----+-+-----+--+--+
 *	|       |UXN|PXN|     |      | output address / table    |nG|AF| SH | AP | |Attr | T| V|
 *	+-------+---+---+-----+------+---------------------------+--+--+----+----+-+-----+--+--+
 */
#ifndef AARCH64_PTE_H
#define AARCH64_PTE_H

#ifdef __ASSEMBLER__
#define PTE_BIT(n)		(1 << (n))
#else
#define PTE_BIT(n)		(1ull << (n))
#endif

#define PTE_VALID		PTE_BIT(0)
#define PTE_TABLE		PTE_BIT(1)	/* levels 0-2: a table, not a block; level 3: set */
#define PTE_ATTR_NORMAL		(0 << 2)	/* index into MAIR */
#define PTE_ATTR_DEVICE		PTE_BIT(2)
#define PTE_ATTR_MASK		(7 << 2)
#define PTE_USER		PTE_BIT(6)	/* AP[1]: EL0 may access */
#define PTE_READ_ONLY		PTE_BIT(7)	/* AP[2] */
#define PTE_INNER		(3 << 8)	/* inner shareable */
#define PTE_ACCESSED		PTE_BIT(10)
#define PTE_NOT_GLOBAL		PTE_BIT(11)	/* belongs to an ASID */
#define PTE_PXN			PTE_BIT(53)	/* EL1 may not execute */
#define PTE_UXN			PTE_BIT(54)	/* EL0 may not execute */
#define PTE_ADDRESS		0x0000fffffffff000

/* MAIR: 0 normal write-back, 1 device nGnRE */
#define MAIR_VALUE		0x04ff

/*
 * TCR: 48-bit addresses in both halves, 4 KB granules, write-back inner-shareable walks; ASID in
 * TTBR0
 */
#define TCR_VALUE		((16 << 0) | (1 << 8) | (1 << 10) | (3 << 12) | (0 << 14) | \
				 (16 << 16) | (1 << 24) | (1 << 26) | (3 << 28) | (2 << 30))
#define TCR_IPS_SHIFT		32
#define TCR_ASID16_SHIFT	36
#define TCR_HARDWARE_ACCESSED_SHIFT 39

/*
 * SCTLR_EL1 with the MMU off: the bits that read as one in ARMv8.0: LSMAOE nTLSMD SPAN EIS TSCXT
 * EOS. With it on: also caches, stack alignment checks, and for EL0: DC ZVA (DZE), CTR_EL0 (UCT),
 * WFE (nTWE), WFI (nTWI), cache maintenance (UCI), no SETEND (SED). Pointer authentication, MTE,
 * BTI stay off. cpu_init clears SPAN where the CPU has PAN.
 */
#define SCTLR_OFF	((1 << 29) | (1 << 28) | (1 << 23) | (1 << 22) | (1 << 20) | (1 << 11))
#define SCTLR_ON	(SCTLR_OFF | (1 << 26) | (1 << 18) | (1 << 16) | (1 << 15) | (1 << 14) | \
			 (1 << 12) | (1 << 8) | (1 << 4) | (1 << 3) | (1 << 2) | (1 << 0))
#define SCTLR_SPAN	(1 << 23)

#endif
