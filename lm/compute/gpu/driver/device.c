#include "table.h"

#include <stdio.h>
#include <string.h>

gpu_status gpu_init(gpu *g) { return CALL(g, init, 0); }
gpu_status gpu_version(gpu *g, int *version) { return CALL(g, version, version); }
gpu_status gpu_count(gpu *g, int *count) { return CALL(g, count, count); }

// The two vendors number attributes differently.
enum { WAVE, UNITS, SHARED, THREADS, INTEGRATED, ATTRIBUTES };
static const int number[2][ATTRIBUTES] = {{87, 63, 74, 56, 16}, {10, 16, 8, 1, 18}};
enum { CUDA_MAJOR = 75, CUDA_MINOR = 76, CUDA_SHARED_ON_REQUEST = 97 };

// The place of gcnArchName, the only text that says what a card of AMD is, in hipDeviceProp_t.
enum { PROPERTIES = 4096, ARCHITECTURE_R0600 = 1160, ARCHITECTURE_OLD = 396 };

static gpu_status architecture_hip(gpu *g, int index, char *architecture, int size) {
  char properties[PROPERTIES] = {0};
  const gpu_status s = g->properties ? CALL(g, properties, properties, index) : CALL(g, old_properties, properties, index);
  if (s.code) return s;
  const char *name = properties + (g->properties ? ARCHITECTURE_R0600 : ARCHITECTURE_OLD);
  snprintf(architecture, size, "%.*s", (int)strcspn(name, ":"), name); // without features, as in gfx90a:sramecc+:xnack-
  return s;
}

static gpu_status architecture_cuda(gpu *g, int device, char *architecture, int size) {
  int major = 0, minor = 0;
  gpu_status s = CALL(g, attribute, &major, CUDA_MAJOR, device);
  if (!s.code) s = CALL(g, attribute, &minor, CUDA_MINOR, device);
  snprintf(architecture, size, "sm_%d%d", major, minor);
  return s;
}

gpu_status gpu_device(gpu *g, int index, gpu_facts *facts) {
  memset(facts, 0, sizeof *facts);
  int device = 0, on_request = 0;
  gpu_status s = CALL(g, device, &device, index);
  if (!s.code) s = CALL(g, device_name, facts->name, sizeof facts->name, device);
  if (!s.code) s = CALL(g, device_memory, &facts->memory, device);
  int *const values[ATTRIBUTES] = {&facts->wave, &facts->units, &facts->shared, &facts->threads, &facts->integrated};
  for (int i = 0; i < ATTRIBUTES && !s.code; i++) s = CALL(g, attribute, values[i], number[g->vendor][i], device);
  if (!s.code)
    s = g->vendor == GPU_HIP ? architecture_hip(g, index, facts->architecture, sizeof facts->architecture)
                             : architecture_cuda(g, device, facts->architecture, sizeof facts->architecture);
  if (s.code) return s;
  // More than 48 KiB has to be asked for, see gpu_allow_shared.
  if (g->vendor == GPU_CUDA && !g->attribute(&on_request, CUDA_SHARED_ON_REQUEST, device) && on_request > facts->shared)
    facts->shared = on_request;
  if (g->device_pci && g->device_pci(facts->pci, sizeof facts->pci, device)) facts->pci[0] = 0;
  return s;
}

// Both vendors: does not wait for the stream 0.
enum { NON_BLOCKING = 1 };

gpu_status gpu_enter(gpu *g, int index, void **stream) {
  if (g->vendor == GPU_HIP) {
    const gpu_status s = CALL(g, set_device, index);
    return s.code ? s : CALL(g, stream_create, stream, NON_BLOCKING);
  }
  int device = 0;
  void *context = NULL;
  gpu_status s = CALL(g, device, &device, index);
  if (!s.code) s = CALL(g, context_retain, &context, device);
  if (s.code) return s;
  s = CALL(g, context_set, context);
  if (!s.code) s = CALL(g, stream_create, stream, NON_BLOCKING);
  if (s.code && g->context_release) g->context_release(device);
  return s;
}

gpu_status gpu_leave(gpu *g, int index, void *stream) {
  const gpu_status s = CALL(g, stream_destroy, stream);
  int device = 0;
  if (g->vendor == GPU_CUDA && g->context_release && !g->device(&device, index)) g->context_release(device);
  return s;
}

// The context is kept by gpu_enter, so that it may be given back at once.
gpu_status gpu_bind(gpu *g, int index) {
  if (g->vendor == GPU_HIP) return CALL(g, set_device, index);
  int device = 0;
  void *context = NULL;
  gpu_status s = CALL(g, device, &device, index);
  if (!s.code) s = CALL(g, context_retain, &context, device);
  if (s.code) return s;
  s = CALL(g, context_set, context);
  if (g->context_release) g->context_release(device);
  return s;
}
