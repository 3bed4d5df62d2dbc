package worker

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"

	"github.com/grokputer/grokputer/services/observer"
)

// kind is what a frame holds. A frame is its kind, the length of its body in
// four bytes, the highest first, and the body.
type kind byte

const (
	kindConfig kind = 'c' // to the worker, first: how to open the reader
	kindReady  kind = 'r' // from it: the reader is open
	kindFailed kind = 'f' // from it: why the reader could not be opened; it ends then
	kindLine   kind = 'l' // to it: a line, width and height in four bytes each, and the pixels
	kindWords  kind = 'w' // from it: what was read, JSON of a reply
	kindError  kind = 'e' // from it: why the line could not be read
)

// maxBody bounds a body: more than a line of any screen has.
const maxBody = 64 << 20

// errFrame tells that the other end does not speak this protocol.
var errFrame = errors.New("not a frame of a reading process")

func writeFrame(w io.Writer, k kind, body []byte) error {
	head := binary.BigEndian.AppendUint32([]byte{byte(k)}, uint32(len(body)))
	_, err := w.Write(append(head, body...))
	return err
}

// readFrame is io.EOF when nothing more comes.
func readFrame(r io.Reader) (kind, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size > maxBody {
		return 0, nil, fmt.Errorf("%w: a body of %d bytes", errFrame, size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return 0, nil, fmt.Errorf("read a frame: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	return kind(head[0]), body, nil
}

// packLine is the body of a line.
func packLine(g *image.Gray) []byte {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	b := make([]byte, 0, 8+w*h)
	b = binary.BigEndian.AppendUint32(b, uint32(w))
	b = binary.BigEndian.AppendUint32(b, uint32(h))
	for y := range h {
		b = append(b, g.Pix[y*g.Stride:][:w]...)
	}
	return b
}

func unpackLine(b []byte) (*image.Gray, error) {
	if len(b) < 8 {
		return nil, fmt.Errorf("%w: a line of %d bytes", errFrame, len(b))
	}
	w, h := uint64(binary.BigEndian.Uint32(b)), uint64(binary.BigEndian.Uint32(b[4:]))
	if w*h != uint64(len(b)-8) {
		return nil, fmt.Errorf("%w: a line of %d x %d in %d bytes", errFrame, w, h, len(b)-8)
	}
	return &image.Gray{Pix: b[8:], Stride: int(w), Rect: image.Rect(0, 0, int(w), int(h))}, nil
}

// reply is what was read of a line.
type reply struct {
	Words []word `json:"words"`
	// Memory is what the worker holds, in bytes; 0 where that is not known.
	Memory int64 `json:"memory"`
}

// word is an observer.Word. Its box is relative to the line's corner.
type word struct {
	Text       string  `json:"text"`
	Box        [4]int  `json:"box"` // left, top, right, bottom
	Confidence float64 `json:"confidence"`
}

func packReply(words []observer.Word, memory int64) ([]byte, error) {
	r := reply{Memory: memory}
	for _, w := range words {
		r.Words = append(r.Words, word{w.Text, [4]int{w.Box.Min.X, w.Box.Min.Y, w.Box.Max.X, w.Box.Max.Y}, w.Confidence})
	}
	return json.Marshal(r)
}

// unpackReply returns the words of a line with that corner.
func unpackReply(b []byte, corner image.Point) (words []observer.Word, memory int64, err error) {
	var r reply
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, 0, fmt.Errorf("%w: %w", errFrame, err)
	}
	for _, w := range r.Words {
		box := image.Rect(w.Box[0], w.Box[1], w.Box[2], w.Box[3]).Add(corner)
		words = append(words, observer.Word{Text: w.Text, Box: box, Confidence: w.Confidence})
	}
	return words, r.Memory, nil
}
