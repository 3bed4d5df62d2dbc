package versus

import (
	"io/fs"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/compute/cpu"
)

func TestMachine(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"/proc/cpuinfo":              "processor\t: 0\nmodel name\t: Some Processor: the second\nflags\t\t: fpu avx2 avx512f avx512_vnni avx512_bf16\n\nprocessor\t: 1\nmodel name\t: other\n",
		"/proc/meminfo":              "MemTotal:       24000000 kB\nMemFree: 1 kB\n",
		"/proc/sys/kernel/osrelease": "6.1.0\n",
	}
	read := func(path string) ([]byte, error) {
		text, ok := files[path]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	}
	m := readMachine(read, cpu.Auto)
	if m.CPU != "Some Processor: the second" || m.Memory != 24.5 || m.Kernel != "6.1.0" || !m.Vector || m.Cores < 1 ||
		!slices.Equal(m.Sets, []string{"avx2", "avx512f", "avx512_vnni", "avx512_bf16"}) {
		t.Errorf("%+v", m)
	}
	if m := readMachine(read, cpu.AVX2); m.Vector || !slices.Equal(m.Sets, []string{"avx2"}) {
		t.Errorf("limited to AVX2: %+v", m)
	}
	files["/proc/cpuinfo"] = "flags : avx2 avx512_vnni\n"
	if m := readMachine(read, cpu.Auto); m.Vector {
		t.Error("VNNI alone is not enough")
	}
	clear(files)
	if m := readMachine(read, cpu.Auto); m.CPU != "" || m.Vector || m.Memory != 0 {
		t.Errorf("of nothing: %+v", m)
	}
}
