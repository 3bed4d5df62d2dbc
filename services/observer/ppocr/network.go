package ppocr

import (
	"errors"
	"fmt"
	"image"
	"path/filepath"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/grokputer/grokputer/services/observer"
)

// loading is held while the runtime is loaded: the binding keeps one for the process.
var loading sync.Mutex

// network is the recognition model: x [1, 3, 48, width] in, probabilities
// [1, width/8, classes] out. It is safe for concurrent use.
type network struct {
	session *ort.DynamicAdvancedSession
	alphabet
}

// load loads the runtime, unless that was done before, and the model.
func load(o Options) (*network, error) {
	model := filepath.Join(o.Folder, RecognitionFile)
	if err := loadRuntime(filepath.Join(o.Folder, RuntimeFile)); err != nil {
		return nil, err
	}
	options, err := sessionOptions(o.Threads)
	if err != nil {
		return nil, err
	}
	n := &network{}
	n.session, err = ort.NewDynamicAdvancedSession(model, []string{"x"}, []string{"fetch_name_0"}, options)
	if err = errors.Join(err, options.Destroy()); err != nil {
		return nil, fmt.Errorf("load %s: %w", model, err)
	}
	text, err := characters(n.session)
	if err != nil {
		n.close()
		return nil, fmt.Errorf("load %s: %w", model, err)
	}
	n.alphabet = newAlphabet(text, o.CJK)
	return n, nil
}

// loadRuntime loads ONNX Runtime. It is never unloaded: its threads and its
// exit handlers may outlive a session.
func loadRuntime(library string) error {
	loading.Lock()
	defer loading.Unlock()
	if ort.IsInitialized() {
		return nil
	}
	ort.SetSharedLibraryPath(library)
	if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
		return fmt.Errorf("load %s: %w", library, err)
	}
	return nil
}

// sessionOptions has a run compute on so many threads, and keep no plan of
// memory for each width.
func sessionOptions(threads int) (*ort.SessionOptions, error) {
	o, err := ort.NewSessionOptions()
	if err != nil {
		return nil, fmt.Errorf("set the runtime up: %w", err)
	}
	err = errors.Join(
		o.SetIntraOpNumThreads(threads), o.SetInterOpNumThreads(1),
		o.SetExecutionMode(ort.ExecutionModeSequential), o.SetMemPattern(false),
		o.SetLogSeverityLevel(ort.LoggingLevelError),
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("set the runtime up: %w", err), o.Destroy())
	}
	return o, nil
}

// characters are those that the model knows, one on each line.
func characters(s *ort.DynamicAdvancedSession) (text string, err error) {
	meta, err := s.GetModelMetadata()
	if err != nil {
		return "", fmt.Errorf("read its characters: %w", err)
	}
	defer func() { err = errors.Join(err, meta.Destroy()) }()
	text, ok, err := meta.LookupCustomMetadataMap("character")
	if err == nil && !ok {
		err = errors.New("it names no characters")
	}
	return text, err
}

func (n *network) close() { _ = n.session.Destroy() } // it only frees memory

// buffers is the memory of one worker, which grows with the longest line.
type buffers struct{ x, y []float32 }

func grown(b []float32, n int) []float32 {
	if cap(b) < n {
		return make([]float32, n)
	}
	return b[:n]
}

// read reads one line; boxes are in its pixels.
func (n *network) read(line *image.Gray, b *buffers) ([]observer.Word, error) {
	ink := inkBounds(line)
	if ink.Empty() {
		return nil, nil
	}
	p := prepare(line, ink)
	width := p.picture.Rect.Dx()
	steps := width / stride
	b.x, b.y = grown(b.x, 3*tall*width), grown(b.y, steps*len(n.classes))
	p.fill(b.x)
	err := n.run(ort.NewShape(1, 3, tall, int64(width)), b.x, ort.NewShape(1, int64(steps), int64(len(n.classes))), b.y)
	if err != nil {
		return nil, fmt.Errorf("read a line: %w", err)
	}
	return words(decode(b.y, n.alphabet), line, p), nil
}

// run computes y from x.
func (n *network) run(shapeX ort.Shape, x []float32, shapeY ort.Shape, y []float32) (err error) {
	in, err := ort.NewTensor(shapeX, x)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Destroy()) }()
	out, err := ort.NewTensor(shapeY, y)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Destroy()) }()
	return n.session.Run([]ort.Value{in}, []ort.Value{out})
}
