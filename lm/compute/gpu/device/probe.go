package device

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
)

// IsProbe reports whether this process was started to ask a vendor's libraries. A main function looks before all else.
func IsProbe() bool { return os.Getenv(variable) != "" }

// Probe does what this process was started for and returns its exit status. It writes to the standard output.
func Probe() int {
	var r request
	if err := json.Unmarshal([]byte(os.Getenv(variable)), &r); err != nil {
		fmt.Fprintln(os.Stderr, "device: the request of the probe:", err)
		return 2
	}
	runtime.LockOSThread()
	p := &probe{out: os.Stdout, request: r, kind: driver.Kind(r.Kind)}
	p.run()
	p.say(message{Done: true})

	return 0
}

// probe asks one vendor's libraries.
type probe struct {
	out     io.Writer
	request request
	kind    driver.Kind
}

// say writes a line of its own, even if a library left one unfinished.
func (p *probe) say(m message) {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // it has nothing that cannot be written
	}
	fmt.Fprintf(p.out, "\n%s\n", text)
}

func (p *probe) stagef(format string, values ...any) {
	text := fmt.Sprintf(format, values...)
	p.say(message{Stage: &text})
}

func (p *probe) trouble(what string) {
	p.say(message{Trouble: &Trouble{Kind: p.kind.String(), What: what}})
}

func (p *probe) run() {
	d, err := driver.Open(p.kind, driver.Options{
		Search: p.request.Search, Only: p.request.Only,
		Loading: func(file string) { p.stagef("loading %s", file) },
	})
	if missing, ok := errors.AsType[*driver.MissingError](err); ok {
		t := &Trouble{Kind: p.kind.String(), What: missing.Error()}
		if len(missing.Reasons) > 0 { // it is there, and of no use
			p.say(message{Trouble: t})
		} else {
			p.say(message{Absent: t})
		}

		return
	}
	if err != nil {
		p.trouble(err.Error())
		return
	}
	p.stagef("asking %s for the cards", d.RuntimePath())
	devices, err := d.Devices()
	if err != nil {
		p.trouble(err.Error())
	}
	for i := range devices {
		p.card(d, &devices[i])
	}
}

// card says what is known after each step that may end the process.
func (p *probe) card(d *driver.Driver, device *driver.Device) {
	c := &Card{
		Kind: p.kind.String(), Index: device.Index, Name: device.Name, Architecture: device.Architecture, PCI: device.PCI,
		Memory: device.Memory, Wave: device.Wave, Units: device.Units, Shared: device.Shared, Integrated: device.Integrated,
		Runtime:  Part{Version: d.Version(), Path: d.RuntimePath(), Missing: "it ended the process"},
		Compiler: Part{Missing: "not looked for"}, BLAS: Part{Missing: "not looked for"},
	}
	c.Hints = hints(c.Kind, c.Architecture)
	defer func() { p.say(message{Card: c}) }()
	p.say(message{Card: c})
	p.stagef("using card %d with %s", c.Index, c.Runtime.Path)
	x, err := d.Context(device.Index)
	if err != nil {
		c.Runtime.Missing = err.Error()
		return
	}
	defer func() {
		if err := x.Close(); err != nil {
			c.Runtime.Usable, c.Runtime.Missing = false, err.Error()
		}
	}()
	if c.Free, _, err = x.Memory(); err != nil {
		c.Runtime.Missing = err.Error()
		return
	}
	c.Runtime.Usable, c.Runtime.Missing = true, ""
	p.compiler(d, x, c)
	p.blas(d, x, c)
}

func (p *probe) compiler(d *driver.Driver, x *driver.Context, c *Card) {
	c.Compiler.Missing = "it ended the process"
	p.say(message{Card: c})
	compiler, err := d.Compiler()
	if err != nil {
		c.Compiler.Missing = err.Error()
		return
	}
	c.Compiler.Path = compiler.Path()
	if c.Compiler.Version, err = compiler.Version(); err != nil {
		c.Compiler.Missing = err.Error()
		return
	}
	if p.request.Try {
		p.stagef("compiling for card %d (%s) with %s", c.Index, c.Architecture, c.Compiler.Path)
		if err := tryCompiler(x); err != nil {
			c.Compiler.Missing = err.Error()
			return
		}
	}
	c.Compiler.Usable, c.Compiler.Missing = true, ""
}

func (p *probe) blas(d *driver.Driver, x *driver.Context, c *Card) {
	c.BLAS.Missing = "it ended the process"
	p.say(message{Card: c})
	if err := d.OpenBLAS(c.Architecture); err != nil {
		c.BLAS.Missing = err.Error()
		return
	}
	c.BLAS.Path = d.BLASPath()
	var err error
	if c.BLAS.Version, err = d.BLASVersion(); err != nil {
		c.BLAS.Missing = err.Error()
		return
	}
	if p.request.Try {
		p.stagef("multiplying on card %d (%s) with %s", c.Index, c.Architecture, c.BLAS.Path)
		if err := tryBLAS(x); err != nil {
			c.BLAS.Missing = err.Error()
			return
		}
	}
	c.BLAS.Usable, c.BLAS.Missing = true, ""
}

// hints are what helps with an architecture that the vendor's libraries often have nothing for.
func hints(kind, architecture string) []string {
	if kind != driver.HIP.String() || runtime.GOOS != "linux" {
		return nil
	}
	var version, other string
	switch architecture {
	case "gfx1101", "gfx1102", "gfx1103":
		version, other = "11.0.0", "gfx1100"
	case "gfx1031", "gfx1032", "gfx1033", "gfx1034", "gfx1035", "gfx1036":
		version, other = "10.3.0", "gfx1030"
	default:
		return nil
	}

	return []string{fmt.Sprintf("If AMD's libraries have nothing for %s, HSA_OVERRIDE_GFX_VERSION=%s makes them take what they have for %s; AMD does not support that.", architecture, version, other)}
}
