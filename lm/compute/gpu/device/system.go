package device

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
)

// hardware is a card that the kernel lists, whether or not a library does.
type hardware struct {
	kind driver.Kind
	pci  string
}

// look returns the display controllers of both vendors on the PCI bus; none where there is no /sys.
func look(root string) []hardware {
	vendors := map[string]driver.Kind{"0x1002": driver.HIP, "0x10de": driver.CUDA}
	folder := filepath.Join(from(root), "sys", "bus", "pci", "devices")
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var found []hardware
	for _, entry := range entries {
		device := filepath.Join(folder, entry.Name())
		kind, ok := vendors[line(device, "vendor")]
		if ok && strings.HasPrefix(line(device, "class"), "0x03") {
			found = append(found, hardware{kind: kind, pci: entry.Name()})
		}
	}

	return found
}

// unlisted returns what is the matter if the kernel lists cards of a vendor and the runtime none.
func unlisted(kind driver.Kind, a *answer, seen []hardware, root string) []Trouble {
	var places []string
	for _, h := range seen {
		if h.kind == kind {
			places = append(places, h.pci)
		}
	}
	if len(places) == 0 || len(a.cards) > 0 || len(a.troubles) > 0 {
		return nil
	}
	vendor := [...]string{driver.HIP: "AMD", driver.CUDA: "NVIDIA"}[kind]
	t := Trouble{Kind: kind.String(), What: fmt.Sprintf("there is a card of %s (PCI %s), but its runtime lists none", vendor, strings.Join(places, ", "))}
	if architectures := topology(root); kind == driver.HIP && len(architectures) > 0 {
		t.What += fmt.Sprintf("; the kernel calls it %s", strings.Join(architectures, ", "))
	}
	switch {
	case a.absent != nil:
		t.Remedy = a.absent.What
	case kind == driver.HIP:
		t.Remedy = "It may be one that this ROCm has no support for."
	default:
		t.Remedy = "Look at what nvidia-smi says."
	}
	troubles := []Trouble{t}
	if kind == driver.HIP {
		troubles = append(troubles, permission(root)...)
	}

	return troubles
}

// permission looks whether this person may use AMD's compute device.
func permission(root string) []Trouble {
	path := filepath.Join(from(root), "dev", "kfd")
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		_ = file.Close() // nothing was written
		return nil
	}
	t := Trouble{Kind: driver.HIP.String(), What: err.Error()}
	switch {
	case errors.Is(err, fs.ErrPermission):
		t.Remedy = "Run: sudo usermod -a -G render,video $USER, then log out and in."
	case errors.Is(err, fs.ErrNotExist):
		t.Remedy = "The kernel's driver amdgpu is not loaded, or in a container --device=/dev/kfd --device=/dev/dri is missing."
	}

	return []Trouble{t}
}

// topology returns the architectures of AMD's cards by the kernel's own list (KFD).
func topology(root string) []string {
	files, err := filepath.Glob(filepath.Join(from(root), "sys", "class", "kfd", "kfd", "topology", "nodes", "*", "properties"))
	if err != nil {
		return nil
	}
	var architectures []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a card that this person may not see
		}
		for property := range strings.Lines(string(text)) {
			value, ok := strings.CutPrefix(strings.TrimSpace(property), "gfx_target_version ")
			if version, err := strconv.Atoi(value); ok && err == nil && version > 0 { // 0 is a processor
				architectures = append(architectures, fmt.Sprintf("gfx%d%x%x", version/10000, version/100%100, version%100))
			}
		}
	}

	return architectures
}

func from(root string) string {
	if root == "" {
		return "/"
	}

	return root
}

// line returns a file of one line, or "".
func line(folder, name string) string {
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return ""
	}

	return strings.TrimSpace(string(text))
}
