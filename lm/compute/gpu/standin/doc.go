// Package standin is a graphics card for tests, made of C++ that computes on the processor. Each lane of a block is a fiber,
// so that the engine sees what a card would not say: who did not come to a barrier, who is missing in a shuffle, what was
// read before it was written, what was written past its end. It needs g++ and Linux. What is built, and every compiled kernel,
// is kept in the user's cache folder, grokputer-standin.
//
// # Kernels without a driver
//
// A Card runs kernels in this process, for tests that compare them with something else:
//
//	card, err := standin.Open(standin.Options{Wave: 32})
//	program, err := card.Compile(kernels.Source())
//	err = program.Launch("copy", [3]uint32{4, 1, 1}, 256, 0, unsafe.Pointer(&args), unsafe.Sizeof(args))
//
// Kernels may use any memory of the process; that of Card.Alloc begins as NaN and is guarded. An error names the kernel, the
// block, the lane, and the line where that is known.
//
// # The dialect
//
// native/spmd.h is included before the source and defines SPMD. Besides what kernels/prelude.h expects, it has, for mma.h:
//
//	spmd_wmma_16x16x16(float *d, const uint16_t *a, const uint16_t *b, const float *c)  // gfx11: 8, 16, 16, 8 elements a lane
//	spmd_mma_m16n8k16(float *d, const uint32_t *a, const uint32_t *b, const float *c)   // CUDA: 4, 4, 2, 4 registers a lane
//
// Both want a whole wave of 32. The layouts are said in spmd.h. Sums begin with c and go on in the order of k.
//
// # The vendors' libraries
//
// Build returns a folder with libraries that have the vendors' names and interfaces; Install makes folders that lack some. A
// driver opens them as it would the real ones. hipRTC and NVRTC compile with g++; options that say nothing to it are taken if
// the vendor takes them, and do nothing. Work is done when it is submitted. A kernel or a product that fails does not make its
// launch fail, but what follows, until the next hipInit or cuInit: 719 for what kernels may not do, 700 for memory that is not
// theirs; the standard error output says what it was.
//
// These environment variables are read by hipInit and cuInit, or else by the first call. Where several cards may differ, a
// value is a list with commas, whose last item is that of all further cards.
//
//	STANDIN_DEVICES=1           how many cards there are
//	STANDIN_ARCH=gfx1100,sm_89  HIP takes the items that begin with gfx, CUDA those with sm_
//	STANDIN_WAVE=32             lanes of a wave for HIP; without it gfx9… has 64. CUDA has 32
//	STANDIN_MEMORY=4G           bytes of a card, with K, M or G
//	STANDIN_INTEGRATED=0        1: the card shares the processor's memory
//	STANDIN_SHARED=65536        bytes of shared memory that a block may use; dynamic memory over 49,152 has to be asked for with CUDA
//	STANDIN_SEED=0              another number, another order of lanes, waves and blocks
//	STANDIN_THREADS=1           threads that a launch's blocks are dealt to
//	STANDIN_LATE=0              1: what is submitted is done when somebody waits, as late as a card may
//	STANDIN_MIXED=1             0: products of halves that give float32 are not implemented (2 of rocBLAS, 15 of cuBLAS)
//	STANDIN_NO_TENSILE=0        1: rocBLAS aborts the process when a handle is made, as if its files were missing
//	STANDIN_LOG=file            a line for each call: its name and its arguments. What kernels do wrong begins with an exclamation mark
//	STANDIN_FAULT=calls         calls that fail, such as hipMalloc:3=2,rocblas_create_handle:1=abort,hipStreamSynchronize:10+=hang
//
// A fault is function:call=what: the call's number, counted from 1 since hipInit or cuInit, with a plus for all that follow;
// and the code that it returns without doing anything, or abort, or hang.
package standin
