package versus

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/lm/compute/cpu"
)

// Machine is what the contest was held on.
type Machine struct {
	CPU    string   `json:"cpu"`
	Cores  int      `json:"cores"`     // that the process may use
	Memory float64  `json:"memory_gb"` // 10^9 bytes
	Kernel string   `json:"kernel"`
	Sets   []string `json:"instruction_sets"` // that were used
	// Vector is whether there is AVX-512 with BF16 and VNNI, for which the
	// goals are higher.
	Vector bool `json:"avx512_bf16_vnni"`
}

// ThisMachine reads what the system says of itself, without the instruction sets that are not used. What it does not
// say stays empty.
func ThisMachine(limit cpu.ISA) Machine {
	return readMachine(os.ReadFile, limit)
}

// sets are the instruction sets that make a difference, as the system calls them, by the least limit that has them.
var sets = []struct {
	name string
	from cpu.ISA
}{
	{"avx2", cpu.AVX2}, {"avx512f", cpu.AVX512}, {"avx512_vnni", cpu.AVX512BF16}, {"avx512_bf16", cpu.AVX512BF16},
	{"amx_bf16", cpu.AMX}, {"amx_int8", cpu.AMX},
}

func readMachine(read func(string) ([]byte, error), limit cpu.ISA) Machine {
	m := Machine{Cores: runtime.GOMAXPROCS(0)}
	info, _ := read("/proc/cpuinfo") // what is not there stays empty
	m.CPU = field(info, "model name")
	flags := strings.Fields(field(info, "flags"))
	for _, set := range sets {
		if slices.Contains(flags, set.name) && (limit == cpu.Auto || set.from <= limit) {
			m.Sets = append(m.Sets, set.name)
		}
	}
	m.Vector = slices.Contains(m.Sets, "avx512_bf16") && slices.Contains(m.Sets, "avx512_vnni")
	memory, _ := read("/proc/meminfo")
	kib, _, _ := strings.Cut(field(memory, "MemTotal"), " ")
	if n, err := strconv.ParseFloat(kib, 64); err == nil {
		m.Memory = float64(int(n*1024/1e8)) / 10
	}
	kernel, _ := read("/proc/sys/kernel/osrelease")
	m.Kernel = strings.TrimSpace(string(kernel))
	return m
}

// field returns the first value of a name in lines of "name : value".
func field(text []byte, name string) string {
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
