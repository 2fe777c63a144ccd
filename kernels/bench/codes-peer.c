/* Two passes of Viterbi's algorithm over tiles of 256 values, L = 16, two bits a value: seconds a tile. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static float book[65536], costs[2][16384];
static uint8_t back[256][16384];

static void walk(const float *x, int roll, int pre) {
  float *before = costs[0], *after = costs[1];
  for (int i = 0; i < 256; i++) {
    int at = (i + roll) & 255;
    float w = x[at];
    for (int e = 0; e < 16384; e++) {
      float least = 1e30f;
      int best = 0;
      for (int k = 0; k < 4; k++) {
        int state = (k << 14) | e;
        float d = book[state] - w, c = d * d;
        if (i) c += before[state >> 2];
        else if (pre >= 0 && (state >> 2) != pre) c = 1e30f;
        best = c < least ? k : best;
        least = c < least ? c : least;
      }
      after[e] = least;
      back[at][e] = best;
    }
    float *t = before;
    before = after;
    after = t;
  }
}

int main(int argc, char **argv) {
  int tiles = atoi(argv[1]);
  float x[256], sum = 0;
  for (int s = 0; s < 65536; s++) book[s] = (float)rand() / RAND_MAX * 4 - 2;
  clock_t start = clock();
  for (int t = 0; t < tiles; t++) {
    for (int i = 0; i < 256; i++) x[i] = (float)rand() / RAND_MAX * 4 - 2;
    walk(x, 128, -1);
    int edge = 0;
    for (int i = 127; i >= 0; i--) edge = ((back[i][edge] << 14) | edge) >> 2;
    walk(x, 0, edge);
    sum += costs[0][edge];
  }
  printf("%g %g\n", (double)(clock() - start) / CLOCKS_PER_SEC / tiles, sum);
  return 0;
}
