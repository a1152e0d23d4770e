// The yardstick: networks of fixed sizes as plain loops, as one would write them by hand, for gcc -O3 -march=native -ffast-math.
// LAYOUT 0 stores weights [inputs][outputs], LAYOUT 1 [outputs][inputs]; the comparison takes the faster for each row.
// Reads "row iterations" a line and answers with nanoseconds a call.
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define INLINE static inline __attribute__((always_inline))
#define RATE 1e-6f

INLINE void dense(int in, int out, const float *restrict x, const float *restrict w, const float *restrict b, float *restrict y) {
#if LAYOUT == 0
    for (int o = 0; o < out; o++) y[o] = b[o];
    for (int i = 0; i < in; i++)
        for (int o = 0; o < out; o++) y[o] += x[i] * w[i * out + o];
#else
    for (int o = 0; o < out; o++) {
        float sum = b[o];
        for (int i = 0; i < in; i++) sum += x[i] * w[o * in + i];
        y[o] = sum;
    }
#endif
}

// The gradient of the input where it is needed, and the descent, in one pass over the weights.
INLINE void back(int in, int out, const float *restrict x, const float *restrict g, float *restrict w, float *restrict b, float *restrict dx) {
#if LAYOUT == 0
    for (int i = 0; i < in; i++) {
        float sum = 0;
        if (dx) for (int o = 0; o < out; o++) sum += w[i * out + o] * g[o];
        for (int o = 0; o < out; o++) w[i * out + o] -= RATE * x[i] * g[o];
        if (dx) dx[i] = sum;
    }
#else
    if (dx) for (int i = 0; i < in; i++) dx[i] = 0;
    for (int o = 0; o < out; o++) {
        if (dx) for (int i = 0; i < in; i++) dx[i] += w[o * in + i] * g[o];
        for (int i = 0; i < in; i++) w[o * in + i] -= RATE * g[o] * x[i];
    }
#endif
    for (int o = 0; o < out; o++) b[o] -= RATE * g[o];
}

INLINE void sigmoid(int n, float *x) { for (int i = 0; i < n; i++) x[i] = 1 / (1 + expf(-x[i])); }
INLINE void hyperbolic(int n, float *x) { for (int i = 0; i < n; i++) x[i] = tanhf(x[i]); }
INLINE void relu(int n, float *x) { for (int i = 0; i < n; i++) x[i] = x[i] > 0 ? x[i] : 0; }
INLINE void softmax(int n, float *x) {
    float max = x[0], sum = 0;
    for (int i = 1; i < n; i++) max = x[i] > max ? x[i] : max;
    for (int i = 0; i < n; i++) { x[i] = expf(x[i] - max); sum += x[i]; }
    for (int i = 0; i < n; i++) x[i] /= sum;
}
INLINE void meanSquared(int n, const float *y, const float *t, float *g) { for (int i = 0; i < n; i++) g[i] = 2 * (y[i] - t[i]) / n; }

#define ALIGNED __attribute__((aligned(64)))
static float aw1[6] ALIGNED, ab1[2], aw2[2], ab2[1];
static float bw1[128] ALIGNED, bb1[16] ALIGNED, bw2[256] ALIGNED, bb2[16] ALIGNED, bw3[16] ALIGNED, bb3[1];
static float cw1[4096] ALIGNED, cb1[64] ALIGNED, cw2[4096] ALIGNED, cb2[64] ALIGNED, cw3[640] ALIGNED, cb3[10] ALIGNED;
static float dw1[784 * 128] ALIGNED, db1[128] ALIGNED, dw2[1280] ALIGNED, db2[10] ALIGNED;
static float inputs[16 * 784] ALIGNED, output[64] ALIGNED, targets[64];

__attribute__((noinline)) static void forward_a(const float *x, float *y) {
    float h[2]; dense(3, 2, x, aw1, ab1, h); sigmoid(2, h); dense(2, 1, h, aw2, ab2, y); sigmoid(1, y);
}
__attribute__((noinline)) static void forward_b(const float *x, float *y) {
    float h[16] ALIGNED, k[16] ALIGNED;
    dense(8, 16, x, bw1, bb1, h); hyperbolic(16, h); dense(16, 16, h, bw2, bb2, k); hyperbolic(16, k); dense(16, 1, k, bw3, bb3, y);
}
__attribute__((noinline)) static void forward_c(const float *x, float *y) {
    float h[64] ALIGNED, k[64] ALIGNED;
    dense(64, 64, x, cw1, cb1, h); relu(64, h); dense(64, 64, h, cw2, cb2, k); relu(64, k); dense(64, 10, k, cw3, cb3, y);
}
__attribute__((noinline)) static void forward_d(const float *x, float *y) {
    float h[128] ALIGNED; dense(784, 128, x, dw1, db1, h); relu(128, h); dense(128, 10, h, dw2, db2, y); softmax(10, y);
}
// One step of a stream. Gates of an LSTM are i, f, g, o, those of a GRU r, z, n with the reset gate behind the product.
static float ew[80] ALIGNED, eu[1600] ALIGNED, eb[80] ALIGNED, ev[20] ALIGNED, eh[20] ALIGNED, ec[20] ALIGNED;
static float fw[48] ALIGNED, fu[768] ALIGNED, fb[48] ALIGNED, fd[48] ALIGNED, fv[16] ALIGNED, fh[16] ALIGNED;
static float gw1[24] ALIGNED, gw2[192] ALIGNED, gw3[192] ALIGNED, gb1[8] ALIGNED, gb2[8] ALIGNED, gb3[8] ALIGNED, gv[8] ALIGNED, gr1[2], gr2[4][8] ALIGNED, gr3[8][8] ALIGNED;
static float hw1[8] ALIGNED, hb1[8] ALIGNED, hw2[96] ALIGNED, hb2[4] ALIGNED, hr[4][8] ALIGNED, hw3[96] ALIGNED, hu3[192] ALIGNED, hb3[24] ALIGNED, hd3[24] ALIGNED, hv[8] ALIGNED, hh[8] ALIGNED;
static float one[1];
static unsigned gt, ht;
INLINE void lstm(int in, int n, const float *restrict x, const float *restrict w, const float *restrict u, const float *restrict b, float *restrict h, float *restrict c) {
    float g[4 * n] ALIGNED, k[4 * n] ALIGNED, zero[4 * n] ALIGNED;
    for (int i = 0; i < 4 * n; i++) zero[i] = 0;
    dense(in, 4 * n, x, w, b, g); dense(n, 4 * n, h, u, zero, k);
    for (int i = 0; i < 4 * n; i++) g[i] += k[i];
    sigmoid(2 * n, g); hyperbolic(n, g + 2 * n); sigmoid(n, g + 3 * n);
    for (int i = 0; i < n; i++) c[i] = g[n + i] * c[i] + g[i] * g[2 * n + i];
    for (int i = 0; i < n; i++) h[i] = g[3 * n + i] * tanhf(c[i]);
}
INLINE void gru(int in, int n, const float *restrict x, const float *restrict w, const float *restrict u, const float *restrict b, const float *restrict d, float *restrict h) {
    float g[3 * n] ALIGNED, k[3 * n] ALIGNED;
    dense(in, 3 * n, x, w, b, g); dense(n, 3 * n, h, u, d, k);
    for (int i = 0; i < 2 * n; i++) g[i] += k[i];
    sigmoid(2 * n, g);
    for (int i = 0; i < n; i++) { float a = tanhf(g[2 * n + i] + g[i] * k[2 * n + i]); h[i] = a + g[n + i] * (h[i] - a); }
}
// A window of three, its two older inputs from a ring.
INLINE void causal(int in, int out, int slots, unsigned t, float (*restrict ring)[in], const float *restrict x, const float *restrict w, const float *restrict b, float *restrict y) {
    float window[3 * in] ALIGNED;
    for (int i = 0; i < in; i++) { window[i] = ring[t % slots][i]; window[in + i] = ring[(t + slots / 2) % slots][i]; window[2 * in + i] = x[i]; ring[t % slots][i] = x[i]; }
    dense(3 * in, out, window, w, b, y); hyperbolic(out, y);
}
__attribute__((noinline)) static void forward_e(const float *x, float *y) { lstm(1, 20, x, ew, eu, eb, eh, ec); dense(20, 1, eh, ev, one, y); }
__attribute__((noinline)) static void forward_f(const float *x, float *y) { gru(1, 16, x, fw, fu, fb, fd, fh); dense(16, 1, fh, fv, one, y); }
__attribute__((noinline)) static void forward_g(const float *x, float *y) {
    float p[8] ALIGNED, q[8] ALIGNED;
    causal(1, 8, 2, gt, (float (*)[1])gr1, x, gw1, gb1, p); causal(8, 8, 4, gt, gr2, p, gw2, gb2, q); causal(8, 8, 8, gt, gr3, q, gw3, gb3, p);
    gt++; dense(8, 1, p, gv, one, y);
}
__attribute__((noinline)) static void forward_h(const float *x, float *y) {
    float p[8] ALIGNED, q[4] ALIGNED;
    dense(1, 8, x, hw1, hb1, p); hyperbolic(8, p); causal(8, 4, 4, ht++, hr, p, hw2, hb2, q); gru(4, 8, q, hw3, hu3, hb3, hd3, hh); dense(8, 1, hh, hv, one, y);
}
__attribute__((noinline)) static void train_a(const float *x, float *y) {
    float h[2], g[1], gh[2];
    dense(3, 2, x, aw1, ab1, h); sigmoid(2, h); dense(2, 1, h, aw2, ab2, y); sigmoid(1, y);
    meanSquared(1, y, targets, g); g[0] *= y[0] * (1 - y[0]);
    back(2, 1, h, g, aw2, ab2, gh);
    for (int i = 0; i < 2; i++) gh[i] *= h[i] * (1 - h[i]);
    back(3, 2, x, gh, aw1, ab1, 0);
}
__attribute__((noinline)) static void train_b(const float *x, float *y) {
    float h[16] ALIGNED, k[16] ALIGNED, g[1], gk[16] ALIGNED, gh[16] ALIGNED;
    dense(8, 16, x, bw1, bb1, h); hyperbolic(16, h); dense(16, 16, h, bw2, bb2, k); hyperbolic(16, k); dense(16, 1, k, bw3, bb3, y);
    meanSquared(1, y, targets, g);
    back(16, 1, k, g, bw3, bb3, gk);
    for (int i = 0; i < 16; i++) gk[i] *= 1 - k[i] * k[i];
    back(16, 16, h, gk, bw2, bb2, gh);
    for (int i = 0; i < 16; i++) gh[i] *= 1 - h[i] * h[i];
    back(8, 16, x, gh, bw1, bb1, 0);
}
__attribute__((noinline)) static void train_c(const float *x, float *y) {
    float h[64] ALIGNED, k[64] ALIGNED, g[10] ALIGNED, gk[64] ALIGNED, gh[64] ALIGNED;
    dense(64, 64, x, cw1, cb1, h); relu(64, h); dense(64, 64, h, cw2, cb2, k); relu(64, k); dense(64, 10, k, cw3, cb3, y);
    meanSquared(10, y, targets, g);
    back(64, 10, k, g, cw3, cb3, gk);
    for (int i = 0; i < 64; i++) gk[i] = k[i] > 0 ? gk[i] : 0;
    back(64, 64, h, gk, cw2, cb2, gh);
    for (int i = 0; i < 64; i++) gh[i] = h[i] > 0 ? gh[i] : 0;
    back(64, 64, x, gh, cw1, cb1, 0);
}
__attribute__((noinline)) static void train_d(const float *x, float *y) {
    float h[128] ALIGNED, g[10] ALIGNED, gh[128] ALIGNED;
    dense(784, 128, x, dw1, db1, h); relu(128, h); dense(128, 10, h, dw2, db2, y); softmax(10, y);
    for (int i = 0; i < 10; i++) g[i] = y[i] - (i == 0);
    back(128, 10, h, g, dw2, db2, gh);
    for (int i = 0; i < 128; i++) gh[i] = h[i] > 0 ? gh[i] : 0;
    back(784, 128, x, gh, dw1, db1, 0);
}

static unsigned state = 1;
static void draw(float *x, int n, float scale) {
    for (int i = 0; i < n; i++) { state = state * 1664525u + 1013904223u; x[i] = scale * ((state >> 8) * (2.0f / 16777216) - 1); }
}

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e9 + t.tv_nsec; }

int main(void) {
    draw(aw1, 6, 1); draw(aw2, 2, 1); draw(bw1, 128, .5f); draw(bw2, 256, .4f); draw(bw3, 16, .5f);
    draw(cw1, 4096, .2f); draw(cw2, 4096, .2f); draw(cw3, 640, .2f); draw(dw1, 784 * 128, .08f); draw(dw2, 1280, .2f); draw(inputs, 16 * 784, 1);
    draw(ew, 80, .5f); draw(eu, 1600, .2f); draw(ev, 20, .5f); draw(fw, 48, .5f); draw(fu, 768, .2f); draw(fv, 16, .5f);
    draw(gw1, 24, .5f); draw(gw2, 192, .3f); draw(gw3, 192, .3f); draw(gv, 8, .5f);
    draw(hw1, 8, 1); draw(hw2, 96, .3f); draw(hw3, 96, .5f); draw(hu3, 192, .3f); draw(hv, 8, .5f);
    char row[32];
    int n;
    while (scanf("%31s %d", row, &n) == 2) {
        char net = row[0];
        int size = net == 'a' ? 3 : net == 'b' ? 8 : net == 'c' ? 64 : net == 'd' ? 784 : 1;
        void (*run)(const float *, float *) = strstr(row, "train")
            ? (net == 'a' ? train_a : net == 'b' ? train_b : net == 'c' ? train_c : train_d)
            : (net == 'a' ? forward_a : net == 'b' ? forward_b : net == 'c' ? forward_c : net == 'd' ? forward_d : net == 'e' ? forward_e : net == 'f' ? forward_f : net == 'g' ? forward_g : forward_h);
        int chained = strstr(row, "chained") != 0;
        double start = now();
        if (chained) for (int i = 0; i < n; i++) { run(inputs, output); inputs[0] = output[0]; }
        else for (int i = 0; i < n; i++) run(inputs + (i & 15) * size, output);
        printf("%.6f\n", (now() - start) / n);
        fflush(stdout);
    }
    return 0;
}
