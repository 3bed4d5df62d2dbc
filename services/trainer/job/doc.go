// Package job trains in a process of its own: a fault of the device, or memory
// that runs out, ends the job and not the service. The child is our own program,
// started again. It gets its assignment on its standard input, tells what happens
// on its standard output as lines of JSON, and ends when its input does, so also
// when its parent is killed. Whatever it had done is in the job's folder then.
package job
