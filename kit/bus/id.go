package bus

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// NewID returns a unique id that can stand in a subject: 26 lower-case letters
// and digits, the time in milliseconds first, so that ids sort by age.
func NewID() string {
	// 48 bits of time and 80 random bits, as in a ULID (github.com/ulid/spec).
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(time.Now().UnixMilli())<<16)
	rand.Read(raw[6:])
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:]))
}
