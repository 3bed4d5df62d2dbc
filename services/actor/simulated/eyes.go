package simulated

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/actor"
)

// Eyes returns eyes on the desktop.
func (d *Desktop) Eyes() *Eyes { return &Eyes{desktop: d} }

// Eyes see a Desktop.
type Eyes struct{ desktop *Desktop }

// Look implements actor.Eyes. A simulated screen is always still, and a secret
// stands in the element that has the focus.
func (e *Eyes) Look(ctx context.Context, how actor.Look) (actor.View, error) {
	if err := ctx.Err(); err != nil {
		return actor.View{}, err
	}
	d := e.desktop
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state.Looks++
	if d.off {
		return actor.View{}, fmt.Errorf("%w: it is switched off", actor.ErrBlind)
	}
	frame, err := d.frame()
	if err != nil {
		return actor.View{}, err
	}
	view := actor.View{Frame: frame, Screen: d.screen, Hidden: how.Hide.Areas, Moving: d.moving(), Windows: d.windows}
	d.state.Hide = how.Hide
	if how.Hide.Since != nil && d.focus >= 0 {
		view.Hidden = append(slices.Clone(view.Hidden), d.screen.Elements[d.focus].Box)
	}
	view.Screen.Elements = slices.Clone(d.screen.Elements)
	if d.focus >= 0 {
		view.Screen.Elements[d.focus].Focused = true
	}
	for i, element := range view.Screen.Elements {
		if element.Text != "" && slices.Contains(view.Hidden, element.Box) {
			view.Screen.Elements[i].Text = "•••"
		}
	}
	return view, nil
}

// Frames returns the pictures that the eyes have seen.
func (d *Desktop) Frames() *Frames { return &Frames{desktop: d} }

// Frames are a Desktop's pictures.
type Frames struct{ desktop *Desktop }

// Get implements actor.Frames.
func (f *Frames) Get(_ context.Context, b contracts.Blob) ([]byte, error) {
	d := f.desktop
	d.mu.Lock()
	defer d.mu.Unlock()
	data, ok := d.pictures[b.SHA256]
	if !ok {
		return nil, fmt.Errorf("no picture %s", b.Key)
	}
	return data, nil
}

// Apps returns applications whose windows have one field, which has the focus.
func (d *Desktop) Apps(names ...string) *Apps { return &Apps{desktop: d, names: names} }

// Apps open on a Desktop.
type Apps struct {
	desktop *Desktop
	names   []string
}

// Names implements actor.Apps.
func (a *Apps) Names() []string { return a.names }

// Open implements actor.Apps.
func (a *Apps) Open(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.desktop.Show(screen.Screen{Title: name, Elements: []screen.Element{{Kind: screen.Field}}})
	a.desktop.Focus(true)
	a.desktop.mu.Lock()
	defer a.desktop.mu.Unlock()
	a.desktop.state.Opened = append(a.desktop.state.Opened, name)
	return nil
}

// Vault is files in memory. The zero value is empty; it is safe for concurrent use.
type Vault struct {
	mu    sync.Mutex
	files map[string][]byte
}

// Folders implements actor.Vault.
func (v *Vault) Folders() []string { return []string{"Desktop"} }

// Find implements actor.Vault: it lists every file, whatever the pattern.
func (v *Vault) Find(ctx context.Context, _ string) ([]string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var names []string
	for name := range v.files {
		names = append(names, name)
	}
	return names, ctx.Err()
}

// Save implements actor.Vault.
func (v *Vault) Save(ctx context.Context, path string, data []byte) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.files == nil {
		v.files = map[string][]byte{}
	}
	v.files[path] = data
	return path, ctx.Err()
}

// File returns what was saved under a path.
func (v *Vault) File(path string) []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.files[path]
}
