// The kernels for any processor.
#include <math.h>
#include <string.h>

#include "native.h"
#include "team.h"
#include "workspace.h"

#define LANES 4
#include "kernels.h"

extern const kernel_table kernels_generic;
const kernel_table kernels_generic = KERNEL_TABLE;
