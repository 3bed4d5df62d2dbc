// Package standin is a graphics card for tests, made of C++ that computes on the processor. Each lane of a block is a fiber,
// so that the engine sees what a card would not say: who did not come to a barrier, who is missing in a shuffle, what was
// read before it was written, what was written past its end.
//
// # Kernels without a driver
//
// A Card runs kernels in this process, for tests that compare them with something else:
//
//	card, err := standin.Open(standin.Options{Wave: 32})
//	program, err := card.Compile(kernels.Source())
//	err = program.Launch("copy", [3]uint32{4, 1, 1}, 256, 0, unsafe.Pointer(&args), unsafe.Sizeof(args))
//
// Kernels may use any memory of the process; that of Card.Alloc begins as NaN and is guarded. The functions spmd_wmma_16x16x16
// and spmd_mma_m16n8k16 of native/spmd.h stand for the matrix instructions of gfx11 and of CUDA.
//
// What is built, and every compiled kernel, is kept in the user's cache folder. It needs g++ and Linux.
package standin
