package versus

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Machine is what the contest was held on.
type Machine struct {
	CPU    string   `json:"cpu"`
	Cores  int      `json:"cores"`     // that the process may use
	Memory float64  `json:"memory_gb"` // 10^9 bytes
	Kernel string   `json:"kernel"`
	Sets   []string `json:"instruction_sets"`
	// Vector is whether the processor has AVX-512 with BF16 and VNNI, for which the
	// goals are higher.
	Vector bool `json:"avx512_bf16_vnni"`
}

// ThisMachine reads what the system says of itself. What it does not say stays empty.
func ThisMachine() Machine {
	return readMachine(os.ReadFile)
}

func readMachine(read func(string) ([]byte, error)) Machine {
	m := Machine{Cores: runtime.GOMAXPROCS(0)}
	cpu, _ := read("/proc/cpuinfo") // what is not there stays empty
	m.CPU = field(cpu, "model name")
	flags := strings.Fields(field(cpu, "flags"))
	for _, f := range []string{"avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8"} {
		if slices.Contains(flags, f) {
			m.Sets = append(m.Sets, f)
		}
	}
	m.Vector = slices.Contains(flags, "avx512_bf16") && slices.Contains(flags, "avx512_vnni")
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
