package lm

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// availableMemory returns how many bytes this process can have, what it has already
// included: what the system says is available, and what its control group and those
// above leave (Linux: proc(5), admin-guide/cgroup-v2; version 1 too). Without
// such files it returns math.MaxInt64. root is "/", or another one in tests.
func availableMemory(root string) int64 {
	available := int64(math.MaxInt64)
	if kib, ok := field(filepath.Join(root, "proc/meminfo"), "MemAvailable:"); ok {
		available = kib << 10
	}
	content, _ := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	for line := range strings.Lines(string(content)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 {
			continue
		}
		base, limit, usage, cached := "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"
		switch {
		case parts[1] == "memory":
			base, limit, usage, cached = "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
		case parts[1] != "":
			continue
		}
		for group := filepath.Clean("/" + parts[2]); ; group = filepath.Dir(group) {
			dir := filepath.Join(root, base, group)
			most, limited := number(filepath.Join(dir, limit))
			used, known := number(filepath.Join(dir, usage))
			if limited && known {
				file, _ := field(filepath.Join(dir, "memory.stat"), cached) // given back when it is needed
				available = min(available, max(most-used+file, 0))
			}
			if group == "/" {
				break
			}
		}
	}
	held, _ := field(filepath.Join(root, "proc/self/status"), "RssAnon:")
	if available > math.MaxInt64-held<<10 {
		return available
	}
	return available + held<<10
}

// number returns the content of a file that is one number.
func number(path string) (int64, bool) {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(content)), 10, 64)
	return n, err == nil // "max" is no number
}

// field returns the number after a name at the beginning of a file's line.
func field(path, name string) (int64, bool) {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(content)) {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == name {
			n, err := strconv.ParseInt(words[1], 10, 64)
			return n, err == nil && n >= 0 && n < 1<<50
		}
	}
	return 0, false
}
