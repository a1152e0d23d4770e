// Products by LIBXSMM: kernels that it compiles for each size. Reads "rowsxdepthxcolumns iterations" a line and answers with
// nanoseconds a call, or with nan where it has no kernel.
#include <libxsmm.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e9 + t.tv_nsec; }

static float *draw(size_t n) {
    float *x = aligned_alloc(64, (n * sizeof(float) + 63) / 64 * 64);
    unsigned state = 1;
    for (size_t i = 0; i < n; i++) { state = state * 1664525u + 1013904223u; x[i] = (state >> 8) * (2.0f / 16777216) - 1; }
    return x;
}

int main(void) {
    int rows, depth, columns, n, known[3] = {0, 0, 0};
    float *a = 0, *b = 0, *c = 0;
    libxsmm_smmfunction kernel = 0;
    while (scanf("%dx%dx%d %d", &rows, &depth, &columns, &n) == 4) {
        if (rows != known[0] || depth != known[1] || columns != known[2]) {
            free(a); free(b); free(c);
            a = draw((size_t)rows * depth); b = draw((size_t)depth * columns); c = draw((size_t)rows * columns);
            known[0] = rows; known[1] = depth; known[2] = columns;

            // Its matrices lie column after column: C'= B' A'.
            const float alpha = 1, beta = 0;
            kernel = libxsmm_smmdispatch(columns, rows, depth, &columns, &depth, &columns, &alpha, &beta, NULL, NULL);
        }
        if (!kernel) { printf("nan\n"); fflush(stdout); continue; }
        if (n > 1) kernel(b, a, c); // as SimdNet and the others do: caches are warm
        double start = now();
        for (int i = 0; i < n; i++) kernel(b, a, c);
        printf("%.6f\n", (now() - start) / n);
        fflush(stdout);
    }
    return 0;
}
