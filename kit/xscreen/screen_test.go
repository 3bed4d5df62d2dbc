package xscreen_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/kit/xscreen"
)

// parentEnv makes the test binary a program that starts a screen and waits.
const parentEnv = "XSCREEN_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(parentEnv) != "" {
		parent()
	}
	goleak.VerifyTestMain(m)
}

func start(t *testing.T, o xscreen.Options) *xscreen.Screen {
	t.Helper()
	s, err := xscreen.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask runs a program of the x11-utils package on the screen.
func ask(t *testing.T, s *xscreen.Screen, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = s.Env()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", program, err, out)
	}
	return string(out)
}

func TestScreensSideBySideHaveTheirOwnDisplays(t *testing.T) {
	t.Parallel()
	screens := make([]*xscreen.Screen, 3)
	var wg sync.WaitGroup
	for i := range screens {
		wg.Go(func() { screens[i] = start(t, xscreen.Options{Width: 640 + i, Height: 480}) })
	}
	wg.Wait()
	seen := map[string]bool{}
	for i, s := range screens {
		if seen[s.Display()] {
			t.Errorf("two screens are %s", s.Display())
		}
		seen[s.Display()] = true
		want := fmt.Sprintf("dimensions:    %dx480 pixels", 640+i)
		if info := ask(t, s, "xdpyinfo"); !strings.Contains(info, want) {
			t.Errorf("%s is not %s", s.Display(), want)
		}
	}
}

func TestWindowManagerManagesTheScreen(t *testing.T) {
	t.Parallel()
	s := start(t, xscreen.Options{WindowManager: true})
	if got := ask(t, s, "xprop", "-root", "_NET_SUPPORTING_WM_CHECK"); !strings.Contains(got, "window id # 0x") {
		t.Errorf("no window manager: %s", got)
	}
	if got := ask(t, s, "xprop", "-root", "_NET_NUMBER_OF_DESKTOPS"); !strings.Contains(got, "= 1") {
		t.Errorf("our configuration is not in force: %s", got)
	}
}

func TestScreenWantsItsCookie(t *testing.T) {
	t.Parallel()
	s := start(t, xscreen.Options{})
	file := strings.TrimPrefix(s.Env()[1], "XAUTHORITY=")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the authority file is %v, %v; want mode 0600", info, err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cookie := raw[len(raw)-16:]
	if !admitted(t, s, cookie) {
		t.Error("the right cookie is refused")
	}
	if admitted(t, s, make([]byte, 16)) {
		t.Error("a wrong cookie is let in")
	}
	if admitted(t, s, nil) {
		t.Error("no cookie is let in")
	}
}

// admitted begins an X11 connection (X protocol, chapter 8) with a cookie.
func admitted(t *testing.T, s *xscreen.Screen, cookie []byte) bool {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "unix", "/tmp/.X11-unix/X"+s.Display()[1:])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	name := "MIT-MAGIC-COOKIE-1"
	if cookie == nil {
		name = ""
	}
	b := []byte{'l', 0}
	for _, v := range []int{11, 0, len(name), len(cookie), 0} {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	b = append(b, name...)
	b = append(b, make([]byte, (4-len(name)%4)%4)...)
	b = append(b, cookie...)
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
	var answer [1]byte
	if _, err := io.ReadFull(conn, answer[:]); err != nil {
		t.Fatal(err)
	}
	return answer[0] == 1
}

func TestCloseEndsTheProgramsAndRemovesTheFiles(t *testing.T) {
	t.Parallel()
	s := start(t, xscreen.Options{WindowManager: true})
	dir := filepath.Dir(strings.TrimPrefix(s.Env()[1], "XAUTHORITY="))
	if err := errors.Join(s.Close(), s.Close()); err != nil { // twice does no harm
		t.Fatal(err)
	}
	<-s.Done()
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", dir, err)
	}
	if _, err := os.Stat("/tmp/.X11-unix/X" + s.Display()[1:]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the display's socket is still there: %v", err)
	}
}

func TestScreenEndsWhenItsParentIsKilled(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), parentEnv+"=1", "TMPDIR="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	display, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	socket := "/tmp/.X11-unix/X" + strings.TrimSpace(display)[1:]
	if _, err := os.Stat(socket); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	look, late := time.NewTicker(10*time.Millisecond), time.After(30*time.Second)
	defer look.Stop()
	for {
		if _, err := os.Stat(socket); errors.Is(err, os.ErrNotExist) {
			return
		}
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("the orphan still has %s", socket)
		}
	}
}

// parent starts a screen, says where it is and waits to be killed.
func parent() {
	s, err := xscreen.Start(context.Background(), xscreen.Options{WindowManager: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(s.Display())
	<-time.After(time.Minute)
	os.Exit(1)
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]xscreen.Options{
		"Width":  {Width: -1},
		"Height": {Height: 40000},
		"Depth":  {Depth: 7},
	} {
		if _, err := xscreen.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want an error that names %s", err, name)
		}
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := xscreen.Start(ctx, xscreen.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

//nolint:paralleltest // it changes the environment
func TestMissingProgramIsNamedWithItsPackage(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := xscreen.Start(t.Context(), xscreen.Options{})
	if !errors.Is(err, xscreen.ErrMissing) || !strings.Contains(err.Error(), "apt-get install xvfb") {
		t.Errorf("%v, want ErrMissing with the package", err)
	}
}
