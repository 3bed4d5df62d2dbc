package gpu

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/arena"
)

// ring is memory of the host that the card can read and write by itself. What is to be copied goes through it, so that neither
// Go's memory is held on to nor a copy to the card has to be waited for.
type ring struct {
	data unsafe.Pointer
	size int
	used int // since the card was last waited for
}

// ringBytes is the size of a ring.
const ringBytes = 8 << 20

// room returns place for at most so many bytes, and how many they are. Where none is left the card is waited for.
func (o *ops) room(bytes int) (unsafe.Pointer, int) {
	if o.ring.used+min(bytes, arena.Alignment) > o.ring.size {
		o.fail(o.card.Synchronize())
		o.ring.reset()
	}

	n := min(bytes, o.ring.size-o.ring.used)
	place := unsafe.Add(o.ring.data, o.ring.used)
	o.ring.used = min(roundUp(o.ring.used+n, arena.Alignment), o.ring.size)

	return place, n
}

// reset makes all of the ring free. The card must not be using it.
func (r *ring) reset() { r.used = 0 }

// upload copies to the card.
func (o *ops) upload(dst, src unsafe.Pointer, bytes int) {
	for done := 0; done < bytes && o.err == nil; {
		place, n := o.room(bytes - done)
		copy(unsafe.Slice((*byte)(place), n), unsafe.Slice((*byte)(unsafe.Add(src, done)), n))

		if o.err == nil {
			o.fail(o.card.UploadPinned(unsafe.Add(dst, done), place, n))
		}

		done += n
	}
}

// download copies from the card, and waits for it.
func (o *ops) download(dst, src unsafe.Pointer, bytes int) {
	if o.counts {
		return
	}

	for done := 0; done < bytes && o.err == nil; {
		place, n := o.room(bytes - done)
		o.fail(o.card.Download(place, unsafe.Add(src, done), n))

		if o.err == nil {
			copy(unsafe.Slice((*byte)(unsafe.Add(dst, done)), n), unsafe.Slice((*byte)(place), n))
			o.ring.reset()
		}

		done += n
	}
}
