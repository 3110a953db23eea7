/*
 * Object files and programs (System V ABI, "gABI" edition 4.1 and its later drafts; psABI of AMD64 1.0, ELF for the Arm 64-bit Architecture): the
 * formats, and the numbers that programs use. The names that begin with GNU are GNU's extensions.
 */
#ifndef _ELF_H
#define _ELF_H

#include <stdint.h>

typedef uint16_t Elf32_Half, Elf64_Half, Elf32_Section, Elf64_Section, Elf32_Versym, Elf64_Versym;
typedef uint32_t Elf32_Word, Elf64_Word, Elf32_Addr, Elf32_Off;
typedef int32_t Elf32_Sword, Elf64_Sword;
typedef uint64_t Elf32_Xword, Elf64_Xword, Elf64_Addr, Elf64_Off;
typedef int64_t Elf32_Sxword, Elf64_Sxword;

/* --- the file's header --- */

#define EI_NIDENT	16

typedef struct {
	unsigned char e_ident[EI_NIDENT];
	Elf32_Half e_type, e_machine;
	Elf32_Word e_version;
	Elf32_Addr e_entry;
	Elf32_Off e_phoff, e_shoff;
	Elf32_Word e_flags;
	Elf32_Half e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
} Elf32_Ehdr;

typedef struct {
	unsigned char e_ident[EI_NIDENT];
	Elf64_Half e_type, e_machine;
	Elf64_Word e_version;
	Elf64_Addr e_entry;
	Elf64_Off e_phoff, e_shoff;
	Elf64_Word e_flags;
	Elf64_Half e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
} Elf64_Ehdr;

/* e_ident: places and values */
#define EI_MAG0			0
#define EI_MAG1			1
#define EI_MAG2			2
#define EI_MAG3			3
#define EI_CLASS		4
#define EI_DATA			5
#define EI_VERSION		6
#define EI_OSABI		7
#define EI_ABIVERSION		8
#define EI_PAD			9
#define ELFMAG0			0x7f
#define ELFMAG1			'E'
#define ELFMAG2			'L'
#define ELFMAG3			'F'
#define ELFMAG			"\177ELF"
#define SELFMAG			4
#define ELFCLASSNONE		0
#define ELFCLASS32		1
#define ELFCLASS64		2
#define ELFCLASSNUM		3
#define ELFDATANONE		0
#define ELFDATA2LSB		1
#define ELFDATA2MSB		2
#define ELFDATANUM		3
#define EV_NONE			0
#define EV_CURRENT		1
#define EV_NUM			2
#define ELFOSABI_NONE		0
#define ELFOSABI_SYSV		0
#define ELFOSABI_HPUX		1
#define ELFOSABI_NETBSD		2
#define ELFOSABI_GNU		3
#define ELFOSABI_LINUX		3
#define ELFOSABI_SOLARIS	6
#define ELFOSABI_FREEBSD	9
#define ELFOSABI_OPENBSD	12
#define ELFOSABI_ARM		97
#define ELFOSABI_STANDALONE	255

/* e_type */
#define ET_NONE			0
#define ET_REL			1
#define ET_EXEC			2
#define ET_DYN			3
#define ET_CORE			4
#define ET_NUM			5
#define ET_LOOS			0xfe00
#define ET_HIOS			0xfeff
#define ET_LOPROC		0xff00
#define ET_HIPROC		0xffff

/* e_machine, of the common ones */
#define EM_NONE			0
#define EM_SPARC		2
#define EM_386			3
#define EM_68K			4
#define EM_MIPS			8
#define EM_PARISC		15
#define EM_SPARC32PLUS		18
#define EM_PPC			20
#define EM_PPC64		21
#define EM_S390			22
#define EM_ARM			40
#define EM_SH			42
#define EM_SPARCV9		43
#define EM_IA_64		50
#define EM_X86_64		62
#define EM_AARCH64		183
#define EM_RISCV		243
#define EM_BPF			247
#define EM_LOONGARCH		258

/* --- segments --- */

typedef struct {
	Elf32_Word p_type;
	Elf32_Off p_offset;
	Elf32_Addr p_vaddr, p_paddr;
	Elf32_Word p_filesz, p_memsz, p_flags, p_align;
} Elf32_Phdr;

typedef struct {
	Elf64_Word p_type, p_flags;
	Elf64_Off p_offset;
	Elf64_Addr p_vaddr, p_paddr;
	Elf64_Xword p_filesz, p_memsz, p_align;
} Elf64_Phdr;

/* p_type, p_flags; e_phnum PN_XNUM: the number is in sh_info of section 0 */
#define PT_NULL			0
#define PT_LOAD			1
#define PT_DYNAMIC		2
#define PT_INTERP		3
#define PT_NOTE			4
#define PT_SHLIB		5
#define PT_PHDR			6
#define PT_TLS			7
#define PT_NUM			8
#define PT_LOOS			0x60000000
#define PT_GNU_EH_FRAME		0x6474e550
#define PT_GNU_STACK		0x6474e551
#define PT_GNU_RELRO		0x6474e552
#define PT_GNU_PROPERTY		0x6474e553
#define PT_HIOS			0x6fffffff
#define PT_LOPROC		0x70000000
#define PT_HIPROC		0x7fffffff
#define PF_X			1
#define PF_W			2
#define PF_R			4
#define PF_MASKOS		0x0ff00000
#define PF_MASKPROC		0xf0000000
#define PN_XNUM			0xffff

/* --- sections --- */

typedef struct {
	Elf32_Word sh_name, sh_type, sh_flags;
	Elf32_Addr sh_addr;
	Elf32_Off sh_offset;
	Elf32_Word sh_size, sh_link, sh_info, sh_addralign, sh_entsize;
} Elf32_Shdr;

typedef struct {
	Elf64_Word sh_name, sh_type;
	Elf64_Xword sh_flags;
	Elf64_Addr sh_addr;
	Elf64_Off sh_offset;
	Elf64_Xword sh_size;
	Elf64_Word sh_link, sh_info;
	Elf64_Xword sh_addralign, sh_entsize;
} Elf64_Shdr;

/* What a section with SHF_COMPRESSED begins with. */
typedef struct {
	Elf32_Word ch_type, ch_size, ch_addralign;
} Elf32_Chdr;

typedef struct {
	Elf64_Word ch_type, ch_reserved;
	Elf64_Xword ch_size, ch_addralign;
} Elf64_Chdr;

/* numbers of sections that are none */
#define SHN_UNDEF		0
#define SHN_LORESERVE		0xff00
#define SHN_LOPROC		0xff00
#define SHN_HIPROC		0xff1f
#define SHN_LOOS		0xff20
#define SHN_HIOS		0xff3f
#define SHN_ABS			0xfff1
#define SHN_COMMON		0xfff2
#define SHN_XINDEX		0xffff
#define SHN_HIRESERVE		0xffff

/* sh_type */
#define SHT_NULL		0
#define SHT_PROGBITS		1
#define SHT_SYMTAB		2
#define SHT_STRTAB		3
#define SHT_RELA		4
#define SHT_HASH		5
#define SHT_DYNAMIC		6
#define SHT_NOTE		7
#define SHT_NOBITS		8
#define SHT_REL			9
#define SHT_SHLIB		10
#define SHT_DYNSYM		11
#define SHT_INIT_ARRAY		14
#define SHT_FINI_ARRAY		15
#define SHT_PREINIT_ARRAY	16
#define SHT_GROUP		17
#define SHT_SYMTAB_SHNDX	18
#define SHT_LOOS		0x60000000
#define SHT_GNU_ATTRIBUTES	0x6ffffff5
#define SHT_GNU_HASH		0x6ffffff6
#define SHT_GNU_verdef		0x6ffffffd
#define SHT_GNU_verneed		0x6ffffffe
#define SHT_GNU_versym		0x6fffffff
#define SHT_HIOS		0x6fffffff
#define SHT_LOPROC		0x70000000
#define SHT_X86_64_UNWIND	0x70000001
#define SHT_HIPROC		0x7fffffff
#define SHT_LOUSER		0x80000000
#define SHT_HIUSER		0x8fffffff

/* sh_flags; ch_type */
#define SHF_WRITE		0x1
#define SHF_ALLOC		0x2
#define SHF_EXECINSTR		0x4
#define SHF_MERGE		0x10
#define SHF_STRINGS		0x20
#define SHF_INFO_LINK		0x40
#define SHF_LINK_ORDER		0x80
#define SHF_OS_NONCONFORMING	0x100
#define SHF_GROUP		0x200
#define SHF_TLS			0x400
#define SHF_COMPRESSED		0x800
#define SHF_MASKOS		0x0ff00000
#define SHF_MASKPROC		0xf0000000
#define SHF_EXCLUDE		0x80000000
#define GRP_COMDAT		1
#define ELFCOMPRESS_ZLIB	1
#define ELFCOMPRESS_ZSTD	2

/* --- symbols --- */

typedef struct {
	Elf32_Word st_name;
	Elf32_Addr st_value;
	Elf32_Word st_size;
	unsigned char st_info, st_other;
	Elf32_Section st_shndx;
} Elf32_Sym;

typedef struct {
	Elf64_Word st_name;
	unsigned char st_info, st_other;
	Elf64_Section st_shndx;
	Elf64_Addr st_value;
	Elf64_Xword st_size;
} Elf64_Sym;

#define STN_UNDEF		0
#define ELF32_ST_BIND(info)	((unsigned char)(info) >> 4)
#define ELF32_ST_TYPE(info)	((info) & 0xf)
#define ELF32_ST_INFO(bind, type)	(((bind) << 4) + ((type) & 0xf))
#define ELF32_ST_VISIBILITY(other)	((other) & 0x3)
#define ELF64_ST_BIND(info)	((unsigned char)(info) >> 4)
#define ELF64_ST_TYPE(info)	((info) & 0xf)
#define ELF64_ST_INFO(bind, type)	(((bind) << 4) + ((type) & 0xf))
#define ELF64_ST_VISIBILITY(other)	((other) & 0x3)

/* bind, type, visibility */
#define STB_LOCAL		0
#define STB_GLOBAL		1
#define STB_WEAK		2
#define STB_GNU_UNIQUE		10
#define STB_LOOS		10
#define STB_HIOS		12
#define STB_LOPROC		13
#define STB_HIPROC		15
#define STT_NOTYPE		0
#define STT_OBJECT		1
#define STT_FUNC		2
#define STT_SECTION		3
#define STT_FILE		4
#define STT_COMMON		5
#define STT_TLS			6
#define STT_GNU_IFUNC		10
#define STT_LOOS		10
#define STT_HIOS		12
#define STT_LOPROC		13
#define STT_HIPROC		15
#define STV_DEFAULT		0
#define STV_INTERNAL		1
#define STV_HIDDEN		2
#define STV_PROTECTED		3

/* --- relocations --- */

typedef struct {
	Elf32_Addr r_offset;
	Elf32_Word r_info;
} Elf32_Rel;

typedef struct {
	Elf32_Addr r_offset;
	Elf32_Word r_info;
	Elf32_Sword r_addend;
} Elf32_Rela;

typedef struct {
	Elf64_Addr r_offset;
	Elf64_Xword r_info;
} Elf64_Rel;

typedef struct {
	Elf64_Addr r_offset;
	Elf64_Xword r_info;
	Elf64_Sxword r_addend;
} Elf64_Rela;

#define ELF32_R_SYM(info)	((info) >> 8)
#define ELF32_R_TYPE(info)	((info) & 0xff)
#define ELF32_R_INFO(symbol, type)	(((symbol) << 8) + ((type) & 0xff))
#define ELF64_R_SYM(info)	((info) >> 32)
#define ELF64_R_TYPE(info)	((info) & 0xffffffff)
#define ELF64_R_INFO(symbol, type)	(((Elf64_Xword)(symbol) << 32) + (type))

#define R_X86_64_NONE		0
#define R_X86_64_64		1
#define R_X86_64_PC32		2
#define R_X86_64_GOT32		3
#define R_X86_64_PLT32		4
#define R_X86_64_COPY		5
#define R_X86_64_GLOB_DAT	6
#define R_X86_64_JUMP_SLOT	7
#define R_X86_64_RELATIVE	8
#define R_X86_64_GOTPCREL	9
#define R_X86_64_32		10
#define R_X86_64_32S		11
#define R_X86_64_16		12
#define R_X86_64_PC16		13
#define R_X86_64_8		14
#define R_X86_64_PC8		15
#define R_X86_64_DTPMOD64	16
#define R_X86_64_DTPOFF64	17
#define R_X86_64_TPOFF64	18
#define R_X86_64_TLSGD		19
#define R_X86_64_TLSLD		20
#define R_X86_64_DTPOFF32	21
#define R_X86_64_GOTTPOFF	22
#define R_X86_64_TPOFF32	23
#define R_X86_64_PC64		24
#define R_X86_64_GOTOFF64	25
#define R_X86_64_GOTPC32	26
#define R_X86_64_SIZE32		32
#define R_X86_64_SIZE64		33
#define R_X86_64_GOTPC32_TLSDESC	34
#define R_X86_64_TLSDESC_CALL	35
#define R_X86_64_TLSDESC	36
#define R_X86_64_IRELATIVE	37
#define R_X86_64_GOTPCRELX	41
#define R_X86_64_REX_GOTPCRELX	42

#define R_AARCH64_NONE		0
#define R_AARCH64_ABS64		257
#define R_AARCH64_ABS32		258
#define R_AARCH64_ABS16		259
#define R_AARCH64_PREL64	260
#define R_AARCH64_PREL32	261
#define R_AARCH64_PREL16	262
#define R_AARCH64_MOVW_UABS_G0	263
#define R_AARCH64_MOVW_UABS_G0_NC	264
#define R_AARCH64_MOVW_UABS_G1	265
#define R_AARCH64_MOVW_UABS_G1_NC	266
#define R_AARCH64_MOVW_UABS_G2	267
#define R_AARCH64_MOVW_UABS_G2_NC	268
#define R_AARCH64_MOVW_UABS_G3	269
#define R_AARCH64_LD_PREL_LO19	273
#define R_AARCH64_ADR_PREL_LO21	274
#define R_AARCH64_ADR_PREL_PG_HI21	275
#define R_AARCH64_ADR_PREL_PG_HI21_NC	276
#define R_AARCH64_ADD_ABS_LO12_NC	277
#define R_AARCH64_LDST8_ABS_LO12_NC	278
#define R_AARCH64_TSTBR14	279
#define R_AARCH64_CONDBR19	280
#define R_AARCH64_JUMP26	282
#define R_AARCH64_CALL26	283
#define R_AARCH64_LDST16_ABS_LO12_NC	284
#define R_AARCH64_LDST32_ABS_LO12_NC	285
#define R_AARCH64_LDST64_ABS_LO12_NC	286
#define R_AARCH64_LDST128_ABS_LO12_NC	299
#define R_AARCH64_ADR_GOT_PAGE	311
#define R_AARCH64_LD64_GOT_LO12_NC	312
#define R_AARCH64_TLSIE_ADR_GOTTPREL_PAGE21	541
#define R_AARCH64_TLSIE_LD64_GOTTPREL_LO12_NC	542
#define R_AARCH64_TLSLE_ADD_TPREL_HI12	549
#define R_AARCH64_TLSLE_ADD_TPREL_LO12	550
#define R_AARCH64_TLSLE_ADD_TPREL_LO12_NC	551
#define R_AARCH64_COPY		1024
#define R_AARCH64_GLOB_DAT	1025
#define R_AARCH64_JUMP_SLOT	1026
#define R_AARCH64_RELATIVE	1027
#define R_AARCH64_TLS_DTPMOD	1028
#define R_AARCH64_TLS_DTPREL	1029
#define R_AARCH64_TLS_TPREL	1030
#define R_AARCH64_TLSDESC	1031
#define R_AARCH64_IRELATIVE	1032

/* --- dynamic linking --- */

typedef struct {
	Elf32_Sword d_tag;
	union {
		Elf32_Word d_val;
		Elf32_Addr d_ptr;
	} d_un;
} Elf32_Dyn;

typedef struct {
	Elf64_Sxword d_tag;
	union {
		Elf64_Xword d_val;
		Elf64_Addr d_ptr;
	} d_un;
} Elf64_Dyn;

/* d_tag */
#define DT_NULL			0
#define DT_NEEDED		1
#define DT_PLTRELSZ		2
#define DT_PLTGOT		3
#define DT_HASH			4
#define DT_STRTAB		5
#define DT_SYMTAB		6
#define DT_RELA			7
#define DT_RELASZ		8
#define DT_RELAENT		9
#define DT_STRSZ		10
#define DT_SYMENT		11
#define DT_INIT			12
#define DT_FINI			13
#define DT_SONAME		14
#define DT_RPATH		15
#define DT_SYMBOLIC		16
#define DT_REL			17
#define DT_RELSZ		18
#define DT_RELENT		19
#define DT_PLTREL		20
#define DT_DEBUG		21
#define DT_TEXTREL		22
#define DT_JMPREL		23
#define DT_BIND_NOW		24
#define DT_INIT_ARRAY		25
#define DT_FINI_ARRAY		26
#define DT_INIT_ARRAYSZ		27
#define DT_FINI_ARRAYSZ		28
#define DT_RUNPATH		29
#define DT_FLAGS		30
#define DT_ENCODING		32
#define DT_PREINIT_ARRAY	32
#define DT_PREINIT_ARRAYSZ	33
#define DT_SYMTAB_SHNDX		34
#define DT_LOOS			0x6000000d
#define DT_HIOS			0x6ffff000
#define DT_GNU_HASH		0x6ffffef5
#define DT_VERSYM		0x6ffffff0
#define DT_RELACOUNT		0x6ffffff9
#define DT_RELCOUNT		0x6ffffffa
#define DT_FLAGS_1		0x6ffffffb
#define DT_VERDEF		0x6ffffffc
#define DT_VERDEFNUM		0x6ffffffd
#define DT_VERNEED		0x6ffffffe
#define DT_VERNEEDNUM		0x6fffffff
#define DT_LOPROC		0x70000000
#define DT_HIPROC		0x7fffffff

/* DT_FLAGS, DT_FLAGS_1 */
#define DF_ORIGIN		0x1
#define DF_SYMBOLIC		0x2
#define DF_TEXTREL		0x4
#define DF_BIND_NOW		0x8
#define DF_STATIC_TLS		0x10
#define DF_1_NOW		0x1
#define DF_1_GLOBAL		0x2
#define DF_1_GROUP		0x4
#define DF_1_NODELETE		0x8
#define DF_1_LOADFLTR		0x10
#define DF_1_INITFIRST		0x20
#define DF_1_NOOPEN		0x40
#define DF_1_ORIGIN		0x80
#define DF_1_PIE		0x08000000

/* Versions of symbols (GNU). */
typedef struct {
	Elf32_Half vd_version, vd_flags, vd_ndx, vd_cnt;
	Elf32_Word vd_hash, vd_aux, vd_next;
} Elf32_Verdef;

typedef struct {
	Elf32_Word vda_name, vda_next;
} Elf32_Verdaux;

typedef struct {
	Elf32_Half vn_version, vn_cnt;
	Elf32_Word vn_file, vn_aux, vn_next;
} Elf32_Verneed;

typedef struct {
	Elf32_Word vna_hash;
	Elf32_Half vna_flags, vna_other;
	Elf32_Word vna_name, vna_next;
} Elf32_Vernaux;

typedef struct {
	Elf64_Half vd_version, vd_flags, vd_ndx, vd_cnt;
	Elf64_Word vd_hash, vd_aux, vd_next;
} Elf64_Verdef;

typedef struct {
	Elf64_Word vda_name, vda_next;
} Elf64_Verdaux;

typedef struct {
	Elf64_Half vn_version, vn_cnt;
	Elf64_Word vn_file, vn_aux, vn_next;
} Elf64_Verneed;

typedef struct {
	Elf64_Word vna_hash;
	Elf64_Half vna_flags, vna_other;
	Elf64_Word vna_name, vna_next;
} Elf64_Vernaux;

#define VER_DEF_NONE		0
#define VER_DEF_CURRENT		1
#define VER_DEF_NUM		2
#define VER_NEED_NONE		0
#define VER_NEED_CURRENT	1
#define VER_NEED_NUM		2
#define VER_FLG_BASE		1
#define VER_FLG_WEAK		2
#define VER_NDX_LOCAL		0
#define VER_NDX_GLOBAL		1
#define VER_NDX_LORESERVE	0xff00

/* --- notes --- */

typedef struct {
	Elf32_Word n_namesz, n_descsz, n_type;
} Elf32_Nhdr;

typedef struct {
	Elf64_Word n_namesz, n_descsz, n_type;
} Elf64_Nhdr;

/* n_type of core files, and of GNU's notes */
#define NT_PRSTATUS		1
#define NT_PRFPREG		2
#define NT_FPREGSET		2
#define NT_PRPSINFO		3
#define NT_TASKSTRUCT		4
#define NT_AUXV			6
#define NT_SIGINFO		0x53494749
#define NT_FILE			0x46494c45
#define ELF_NOTE_GNU		"GNU"
#define NT_GNU_ABI_TAG		1
#define NT_GNU_HWCAP		2
#define NT_GNU_BUILD_ID		3
#define NT_GNU_GOLD_VERSION	4
#define NT_GNU_PROPERTY_TYPE_0	5

/* --- what a program is given at its start --- */

typedef struct {
	uint32_t a_type;
	union {
		uint32_t a_val;
	} a_un;
} Elf32_auxv_t;

typedef struct {
	uint64_t a_type;
	union {
		uint64_t a_val;
	} a_un;
} Elf64_auxv_t;

#define AT_NULL			0
#define AT_IGNORE		1
#define AT_EXECFD		2
#define AT_PHDR			3
#define AT_PHENT		4
#define AT_PHNUM		5
#define AT_PAGESZ		6
#define AT_BASE			7
#define AT_FLAGS		8
#define AT_ENTRY		9
#define AT_NOTELF		10
#define AT_UID			11
#define AT_EUID			12
#define AT_GID			13
#define AT_EGID			14
#define AT_PLATFORM		15
#define AT_HWCAP		16
#define AT_CLKTCK		17
#define AT_SECURE		23
#define AT_BASE_PLATFORM	24
#define AT_RANDOM		25
#define AT_HWCAP2		26
#define AT_EXECFN		31
#define AT_SYSINFO		32
#define AT_SYSINFO_EHDR		33

#endif
