/*
 * Assembly: opening and closing user memory (SMAP). Without the feature the two instructions do not
 * exist, so three-byte no-operations stand in the text and cpu_init writes the instructions over
 * them, as the list in .smap_patches says, before the text becomes read-only.
 */
#define STAC	0xcb010f		/* little endian 0f 01 cb */
#define CLAC	0xca010f

.macro smap_patch instruction
771:	.byte	0x0f, 0x1f, 0x00	/* nopl (%rax) */
	.pushsection .smap_patches, "a"
	.quad	771b, \instruction
	.popsection
.endm

.macro user_open
	smap_patch STAC
.endm

.macro user_close
	smap_patch CLAC
.endm
