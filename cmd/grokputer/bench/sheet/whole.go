package sheet

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"github.com/otiai10/gosseract/v2"
)

// whole reads a whole picture with Tesseract as it comes: it finds the lines by
// itself and remembers nothing.
func whole(picture image.Image) (string, error) {
	client := gosseract.NewClient()
	defer client.Close() //nolint:errcheck // it only frees memory
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return "", fmt.Errorf("encode the picture: %w", err)
	}
	if err := client.SetImageFromBytes(b.Bytes()); err != nil {
		return "", fmt.Errorf("give the picture to Tesseract: %w", err)
	}
	text, err := client.Text()
	if err != nil {
		return "", fmt.Errorf("read the whole picture: %w", err)
	}
	return text, nil
}
