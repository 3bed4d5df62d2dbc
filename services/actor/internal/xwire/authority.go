package xwire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// cookieName is the one authorization protocol that is spoken.
const cookieName = "MIT-MAGIC-COOKIE-1"

// cookie finds the display's key in an authority file (Xau(3): big-endian
// records of family, address, number, name and data, all but the first with a
// 16-bit length). A missing file or record is no error: the server may let us in
// all the same. path "" is $XAUTHORITY, else ~/.Xauthority.
func cookie(path, number string) ([]byte, error) {
	if path == "" {
		path = os.Getenv("XAUTHORITY")
	}
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, nil
		}
		path = filepath.Join(home, ".Xauthority")
	}
	file, err := os.Open(path) //nolint:gosec // the user's own file, by the variable that names it
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the X authority file: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	for {
		record, err := readRecord(file)
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the X authority file %s: %w", path, err)
		}
		if record.fits(number) {
			return record.data, nil
		}
	}
}

type authRecord struct {
	family                uint16
	address, number, name string
	data                  []byte
}

// fits reports whether the record is for the display of this number on this machine.
func (r authRecord) fits(number string) bool {
	const familyLocal, familyWild = 256, 65535
	here := r.family == familyWild
	if r.family == familyLocal {
		host, err := os.Hostname()
		here = err == nil && r.address == host
	}
	return here && r.name == cookieName && (r.number == "" || r.number == number)
}

func readRecord(r io.Reader) (authRecord, error) {
	var record authRecord
	if err := binary.Read(r, binary.BigEndian, &record.family); err != nil {
		return record, err
	}
	var fields [4][]byte
	for i := range fields {
		var n uint16
		if err := binary.Read(r, binary.BigEndian, &n); err != nil {
			return record, errors.Join(io.ErrUnexpectedEOF, err)
		}
		fields[i] = make([]byte, n)
		if _, err := io.ReadFull(r, fields[i]); err != nil {
			return record, errors.Join(io.ErrUnexpectedEOF, err)
		}
	}
	record.address, record.number, record.name = string(fields[0]), string(fields[1]), string(fields[2])
	record.data = fields[3]
	return record, nil
}
