// Memory of one thread that grows to what its largest task needs and is kept.
#pragma once

#include <stddef.h>
#include <stdlib.h>

struct workspace {
  float *data;
  size_t count;
};

// workspace_take returns room for count floats, 64-byte aligned with content undefined, or null.
static inline float *workspace_take(workspace *w, size_t count) {
  if (w->count < count) {
    free(w->data);
    w->count = 0;
    void *p = NULL;
    if (posix_memalign(&p, 64, count * sizeof(float))) p = NULL;
    w->data = (float *)p;
    if (p) w->count = count;
  }
  return w->data;
}
