package cli

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // so that a picture may be one
	"image/png"
	"io"
	"os"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/cmd/readers"
	"github.com/grokputer/grokputer/services/observer/icon"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/x11"
	"github.com/grokputer/grokputer/services/observer/xgrab"
)

type seeCmd struct {
	Observer readers.Settings `embed:"" prefix:"observer-" group:"The reader:"`

	Image    string           `env:"-" xor:"what" required:"" help:"Picture to look at, PNG or JPEG; all of it counts as one window." type:"path" placeholder:"FILE"`
	Live     bool             `env:"-" xor:"what" required:"" help:"Look at the screen of the Grokputer that is up, or at that of --display."`
	Display  string           `help:"X display to look at, such as :0." placeholder:":N"`
	Monitor  observer.Monitor `help:"Which monitor of the display to look at: its number, counted from 0; focused, the one with the window that has the focus; or all." default:"0" placeholder:"N"`
	Reader   string           `env:"-" help:"What reads the text, ppocr or tesseract, and no other in its place." enum:",ppocr,tesseract" default:"" placeholder:"NAME"`
	Annotate string           `env:"-" help:"Write the picture there too, as PNG, with a box around each element." type:"path" placeholder:"FILE"`
	JSON     bool             `env:"-" help:"Print JSON for programs instead of text."`
}

// seen is what was seen, for programs.
type seen struct {
	Reader string        `json:"reader"`
	Width  int           `json:"width"`
	Height int           `json:"height"`
	ReadMS int64         `json:"read_ms"`
	Screen screen.Screen `json:"screen"`
}

// Run prints what the eyes see, each element as the model reads it.
func (cmd *seeCmd) Run(ctx context.Context, c *call) error {
	look, closeEyes, err := cmd.look(c)
	if err != nil {
		return err
	}
	defer closeEyes()
	reader, err := cmd.reader(ctx, c)
	if err != nil {
		return err
	}
	defer reader.Close()
	began := time.Now()
	picture, s, err := look(ctx, reader)
	if err != nil {
		return err
	}
	took := time.Since(began)
	if cmd.Annotate != "" {
		if err := writePNG(cmd.Annotate, observer.Annotate(picture, s)); err != nil {
			return err
		}
	}
	if cmd.JSON {
		return c.json(seen{
			Reader: reader.Name, Width: picture.Rect.Dx(), Height: picture.Rect.Dy(), ReadMS: took.Milliseconds(), Screen: s,
		})
	}
	if s.Title != "" {
		if err := c.note("window %s", screen.Quote(s.Title)); err != nil {
			return err
		}
	}
	for i, t := range s.Targets() {
		if err := c.say("%s%s", t, s.Elements[i].State()); err != nil {
			return err
		}
	}
	return c.note("%s, read by %s in %d ms", counted(len(s.Elements), "element"), reader.Name, took.Milliseconds())
}

// reader opens the reader that is named, or else the one that is set.
func (cmd *seeCmd) reader(ctx context.Context, c *call) (readers.Serving, error) {
	tell, flush, err := c.telemetry(ctx)
	if err != nil {
		return readers.Serving{}, err
	}
	defer func() { _ = flush(ctx) }() // there are no traces
	s := cmd.Observer.In(c.data())
	if cmd.Reader == "" {
		return readers.Open(s, tell.Log)
	}
	s.Reader = cmd.Reader
	pool, err := readers.Only(s, tell.Log)
	return readers.Serving{Pool: pool, Name: s.Reader}, err
}

// look is how to look at what the arguments name. The picture is read only once
// there is a reader.
func (cmd *seeCmd) look(c *call) (look func(context.Context, observer.Reader) (*image.RGBA, screen.Screen, error), done func(), err error) {
	if cmd.Image != "" {
		picture, err := readPicture(cmd.Image)
		if err != nil {
			return nil, nil, err
		}
		return func(ctx context.Context, r observer.Reader) (*image.RGBA, screen.Screen, error) {
			s, err := observer.NewEyes(nil, nil, observer.Named(layout.New(), icon.Find), r).Understand(ctx, observer.Capture{Image: picture, Scale: 1}, nil)
			return picture, s, err
		}, func() {}, nil
	}
	display, err := cmd.display(c)
	if err != nil {
		return nil, nil, err
	}
	pictures, desk := xgrab.New(display, cmd.Monitor), x11.New(display)
	return func(ctx context.Context, r observer.Reader) (*image.RGBA, screen.Screen, error) {
		capture, s, err := observer.NewEyes(pictures, desk, observer.Named(layout.New(), icon.Find), r).Look(ctx)
		return capture.Image, s, err
	}, func() { pictures.Close(); desk.Close() }, nil
}

// errNothingUp: there is no screen to look at.
var errNothingUp = errors.New("there is no screen to look at: start `grokputer up`, or name a display with --display")

// display is the one that is named, or that of the house that is up.
func (cmd *seeCmd) display(c *call) (string, error) {
	if cmd.Display != "" {
		return cmd.Display, nil
	}
	state, err := house.Find(c.data())
	if errors.Is(err, house.ErrNotUp) || err == nil && state.Display == "" {
		return "", errNothingUp
	}
	if err != nil {
		return "", err
	}
	return state.Display, state.Enter()
}

// mostPixels bounds a picture: some more than a screen of 8K has.
const mostPixels = 40_000_000

// readPicture reads a picture from a file, with its corner at (0, 0).
func readPicture(path string) (picture *image.RGBA, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the picture: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	// The size stands at the beginning: no memory is taken for a picture of any size.
	size, _, err := image.DecodeConfig(file)
	if err != nil {
		return nil, fmt.Errorf("%s is no picture that can be read (PNG or JPEG): %w", path, err)
	}
	if int64(size.Width)*int64(size.Height) > mostPixels {
		return nil, fmt.Errorf("%s has %d x %d pixels, more than any screen: cut it out first", path, size.Width, size.Height)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	decoded, _, err := image.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	picture = image.NewRGBA(image.Rectangle{Max: decoded.Bounds().Size()})
	draw.Draw(picture, picture.Rect, decoded, decoded.Bounds().Min, draw.Src)
	return picture, nil
}

func writePNG(path string, picture image.Image) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := png.Encode(file, picture); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}
