package tesseract

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"sync"

	"github.com/otiai10/gosseract/v2"

	"github.com/grokputer/grokputer/services/observer"
)

// withoutDictionaries is the configuration that Tesseract is started with:
// what is on a screen is often not a word, and must be read as it stands.
const withoutDictionaries = `load_system_dawg 0
load_freq_dawg 0
load_unambig_dawg 0
load_punc_dawg 0
load_number_dawg 0
load_bigram_dawg 0
`

// resolution is what Tesseract is told instead of guessing, in dots per inch.
const resolution = "300"

// typeset are characters that no key writes. At the size of a screen's letters
// they look like their plain forms, which the agent can type and compare.
const typeset = "“”‘’«»—–"

// starting is held while a Tesseract starts: for that moment gosseract points the
// process's standard error elsewhere, and two at once would leave it there.
var starting sync.Mutex

// client is one Tesseract. It is for one goroutine.
type client struct{ api *gosseract.Client }

// newClient starts Tesseract and reads its data.
func newClient(language string) (*client, error) {
	c := &client{api: gosseract.NewClient()}
	if err := c.start(language); err != nil {
		c.close()
		return nil, fmt.Errorf("%w: install tesseract-ocr-%s (apt-get install tesseract-ocr-%s): %w",
			ErrMissing, language, language, err)
	}
	return c, nil
}

// start loads the data now rather than at the first picture, so that what is
// missing is known at once; the configuration file is read only then.
func (c *client) start(language string) error {
	starting.Lock()
	defer starting.Unlock()
	dir, err := os.MkdirTemp("", "tesseract-")
	if err != nil {
		return fmt.Errorf("make a place for its configuration: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	config := filepath.Join(dir, "screen")
	if err := os.WriteFile(config, []byte(withoutDictionaries), 0o600); err != nil {
		return fmt.Errorf("write its configuration: %w", err)
	}
	if err := c.api.SetLanguage(language); err != nil {
		return fmt.Errorf("set the language: %w", err)
	}
	if err := c.api.SetConfigFile(config); err != nil {
		return fmt.Errorf("set its configuration: %w", err)
	}
	for name, value := range map[gosseract.SettableVariable]string{
		"user_defined_dpi":                resolution,
		gosseract.TESSEDIT_CHAR_BLACKLIST: typeset,
	} {
		if err := c.api.SetVariable(name, value); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	// A black picture: an empty one is not given to Tesseract.
	_, err = c.read(image.NewGray(image.Rect(0, 0, 64, 32)))
	return err
}

func (c *client) close() { _ = c.api.Close() } // it only frees memory

// read reads one line; boxes are in its pixels.
func (c *client) read(line *image.Gray) ([]observer.Word, error) {
	ink := inkBounds(line)
	if ink.Empty() {
		return nil, nil // Tesseract would find something all the same
	}
	if err := c.api.SetPageSegMode(gosseract.PSM_SINGLE_LINE); err != nil {
		return nil, fmt.Errorf("set the page mode: %w", err)
	}
	p := prepare(line, ink)
	if err := c.api.SetImageFromBytes(encode(p.gray)); err != nil {
		return nil, fmt.Errorf("give a line to Tesseract: %w", err)
	}
	boxes, err := c.api.GetBoundingBoxes(gosseract.RIL_WORD)
	if err != nil {
		return nil, fmt.Errorf("read a line: %w", err)
	}
	words := make([]observer.Word, 0, len(boxes))
	for _, b := range boxes {
		if b.Word != "" {
			words = append(words, observer.Word{Text: b.Word, Box: p.back(b.Box), Confidence: b.Confidence / 100})
		}
	}
	return words, nil
}
