/* AMX instructions on a CPU that has none: each raises an illegal-instruction signal, and the handler here does what
 * the manual says and goes on behind it. So the machine code that would run on AMX is what is tested, encodings,
 * addresses and strides included. Only what Tilewise emits is decoded; anything else ends the process.
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (VEX prefix, TILE*, TDPBF16PS). */
#define _GNU_SOURCE
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

enum { TILES = 8, ROWS = 16, ROW_BYTES = 64, PREFIX_NONE = 0, PREFIX_F3 = 2, PREFIX_F2 = 3 };

static __thread uint8_t tile[TILES][ROWS][ROW_BYTES];
static __thread int configured;
long tile_instructions; /* how many were done, so that a test can tell that it tested something */

static const int registers[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                  REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

static void refuse(const char *why, const uint8_t *code) {
    fprintf(stderr, "tile trap: %s: %02x %02x %02x %02x %02x %02x\n", why, code[0], code[1], code[2], code[3], code[4],
            code[5]);
    _exit(99);
}

static float flushed(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits & 0x7f800000 ? value : 0;
}

static float widened(uint16_t pattern) {
    uint32_t bits = (uint32_t)pattern << 16;
    float value;
    memcpy(&value, &bits, 4);
    return flushed(value);
}

static void dot(int total, int left, int right) {
    for (int m = 0; m < ROWS; m++) {
        uint16_t *a = (uint16_t *)tile[left][m];
        float *c = (float *)tile[total][m], even[ROWS] = {0}, odd[ROWS] = {0};
        for (int k = 0; k < ROWS; k++) {
            uint16_t *b = (uint16_t *)tile[right][k];
            for (int n = 0; n < ROWS; n++) {
                even[n] = flushed(fmaf(widened(a[2 * k]), widened(b[2 * n]), even[n]));
                odd[n] = flushed(fmaf(widened(a[2 * k + 1]), widened(b[2 * n + 1]), odd[n]));
            }
        }
        for (int n = 0; n < ROWS; n++) c[n] = flushed(flushed(c[n]) + flushed(even[n] + odd[n]));
    }
}

static void configure(const uint8_t *shape, const uint8_t *code) {
    if (shape[0] != 1) refuse("palette", code);
    for (int t = 0; t < TILES; t++) {
        uint16_t bytes;
        memcpy(&bytes, shape + 16 + 2 * t, 2);
        if (bytes != ROW_BYTES || shape[48 + t] != ROWS) refuse("tile shape", code);
    }
    memset(tile, 0, sizeof tile);
    configured = 1;
}

/* The memory operand after a ModRM byte at code[4]: its address without the index, the index, the length. */
static uint8_t *operand(const uint8_t *code, greg_t *reg, int x, int b, int64_t *stride, int *length) {
    int mode = code[4] >> 6, rm = code[4] & 7;
    int64_t base = 0, shift = 0;
    *length = 5;
    if (rm == 4) {
        int index = (code[5] >> 3 & 7) | x << 3, low = code[5] & 7;
        *length = 6;
        if (low == 5 && mode == 0) {
            int32_t wide;
            memcpy(&wide, code + 6, 4);
            shift = wide;
            *length = 10;
        } else {
            base = reg[registers[low | b << 3]];
        }
        if (index != 4) *stride = reg[registers[index]] << (code[5] >> 6);
    } else if (rm == 5 && mode == 0) {
        int32_t wide;
        memcpy(&wide, code + 5, 4);
        shift = wide;
        *length = 9;
        base = reg[REG_RIP] + 9;
    } else {
        base = reg[registers[rm | b << 3]];
    }
    if (mode == 1) {
        shift = (int8_t)code[*length];
        *length += 1;
    } else if (mode == 2) {
        int32_t wide;
        memcpy(&wide, code + *length, 4);
        shift = wide;
        *length += 4;
    }
    return (uint8_t *)(base + shift);
}

static void step(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    greg_t *reg = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *code = (const uint8_t *)reg[REG_RIP];
    if (code[0] != 0xC4 || (code[1] & 0x1F) != 2) refuse("not a tile instruction", code);
    int x = !(code[1] & 0x40), b = !(code[1] & 0x20), prefix = code[2] & 3, third = ~(code[2] >> 3) & 15;
    int first = code[4] >> 3 & 7, second = code[4] & 7, length = 5;
    int64_t stride = 0;
    uint8_t *memory = code[4] >> 6 == 3 ? NULL : operand(code, reg, x, b, &stride, &length);
    if (code[3] == 0x49 && prefix == PREFIX_NONE) {
        if (memory) configure(memory, code);
        else configured = 0;
    } else if (!configured) {
        refuse("tiles are not configured", code);
    } else if (code[3] == 0x49 && prefix == PREFIX_F2) {
        memset(tile[first], 0, sizeof tile[first]);
    } else if (code[3] == 0x4B && prefix == PREFIX_F2) {
        for (int r = 0; r < ROWS; r++) memcpy(tile[first][r], memory + r * stride, ROW_BYTES);
    } else if (code[3] == 0x4B && prefix == PREFIX_F3) {
        for (int r = 0; r < ROWS; r++) memcpy(memory + r * stride, tile[first][r], ROW_BYTES);
    } else if (code[3] == 0x5C && prefix == PREFIX_F3) {
        dot(first, second, third);
    } else {
        refuse("an instruction that is not known here", code);
    }
    __atomic_fetch_add(&tile_instructions, 1, __ATOMIC_RELAXED);
    reg[REG_RIP] += length;
}

void install(void) {
    struct sigaction action = {0};
    action.sa_sigaction = step;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGILL, &action, NULL);
}
