// The body of kernels_*.cpp, after LANES and the instruction set are chosen. Standard headers come
// first in those files: what they define inline must not be compiled for the instruction set.
#pragma once

#include "native.h"
#include "workspace.h"
#include "attention.h"
#include "elementwise.h"
#include "few_rows.h"
#include "heads.h"
#include "loss.h"
#include "unpack.h"

#define KERNEL(name, parameters, arguments) name,
#define KERNEL_TABLE {NATIVE_KERNELS(KERNEL)}
#define KERNEL_TABLE16 {NATIVE_KERNELS16(KERNEL)}
