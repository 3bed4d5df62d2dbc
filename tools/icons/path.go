package main

import (
	"fmt"
	"math"
	"strconv"
)

// pen follows the data of an SVG path and keeps the lines.
type pen struct {
	lines      []line
	at, start  point
	control    point // of the last curve, mirrored by a smooth one
	controlFor byte  // the command that control is for
}

// numbers is how many each command takes.
var numbers = map[byte]int{'M': 2, 'L': 2, 'H': 1, 'V': 1, 'C': 6, 'S': 4, 'Q': 4, 'T': 2, 'A': 7, 'Z': 0}

// readPath returns the lines of a path's data, curves as short straight ones.
func readPath(data string) ([]line, error) {
	var p pen
	s := scanner{data}
	for {
		command, ok := s.command()
		if !ok {
			return p.lines, nil
		}
		upper := command &^ 0x20
		relative := command != upper
		n, known := numbers[upper]
		if !known {
			return nil, fmt.Errorf("path command %q is unknown", command)
		}
		for again := true; again; again = n > 0 && s.number() {
			args := make([]float64, n)
			for i := range args {
				var err error
				if args[i], err = s.next(upper == 'A' && (i == 3 || i == 4)); err != nil {
					return nil, err
				}
			}
			p.do(upper, relative, args)
			if upper == 'M' {
				upper = 'L' // more points of a move are lines
			}
		}
	}
}

func (p *pen) do(command byte, relative bool, a []float64) {
	var from point
	if relative {
		from = p.at
	}
	to := func(i int) point { return point{from.x + a[i], from.y + a[i+1]} }
	mirrored := func(kinds string) point {
		if p.controlFor == kinds[0] || p.controlFor == kinds[1] {
			return point{2*p.at.x - p.control.x, 2*p.at.y - p.control.y}
		}
		return p.at
	}
	switch command {
	case 'M':
		p.at, p.start = to(0), to(0)
		p.lines = append(p.lines, line{points: []point{p.at}})
	case 'L':
		p.to(to(0))
	case 'H':
		p.to(point{from.x + a[0], p.at.y})
	case 'V':
		p.to(point{p.at.x, from.y + a[0]})
	case 'C':
		p.cubic(to(0), to(2), to(4))
	case 'S':
		p.cubic(mirrored("CS"), to(0), to(2))
	case 'Q':
		p.quadratic(to(0), to(2))
	case 'T':
		p.quadratic(mirrored("QT"), to(0))
	case 'A':
		p.arc(a[0], a[1], a[2], a[3] != 0, a[4] != 0, to(5))
	case 'Z':
		if n := len(p.lines); n > 0 {
			p.lines[n-1].closed = true
		}
		p.at = p.start
	}
	p.controlFor = command
}

// to draws a straight line.
func (p *pen) to(b point) {
	n := len(p.lines)
	if n == 0 || p.lines[n-1].closed {
		p.lines = append(p.lines, line{points: []point{p.at}})
		n++
	}
	p.lines[n-1].points = append(p.lines[n-1].points, b)
	p.at = b
}

// steps is how many straight lines a curve is.
const steps = 14

func (p *pen) cubic(b, c, d point) {
	a := p.at
	for i := 1; i <= steps; i++ {
		t := float64(i) / steps
		u := 1 - t
		p.to(point{
			u*u*u*a.x + 3*u*u*t*b.x + 3*u*t*t*c.x + t*t*t*d.x,
			u*u*u*a.y + 3*u*u*t*b.y + 3*u*t*t*c.y + t*t*t*d.y,
		})
	}
	p.control = c
}

func (p *pen) quadratic(b, c point) {
	a := p.at
	p.cubic(point{a.x + 2*(b.x-a.x)/3, a.y + 2*(b.y-a.y)/3}, point{c.x + 2*(b.x-c.x)/3, c.y + 2*(b.y-c.y)/3}, c)
	p.control = b
}

// arc is the endpoint form of SVG 1.1, appendix F.6.5.
func (p *pen) arc(rx, ry, degrees float64, large, sweep bool, b point) {
	a := p.at
	rx, ry = math.Abs(rx), math.Abs(ry)
	if rx == 0 || ry == 0 || a == b {
		p.to(b)
		return
	}
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	hx, hy := (a.x-b.x)/2, (a.y-b.y)/2
	x, y := cos*hx+sin*hy, -sin*hx+cos*hy
	if over := x*x/(rx*rx) + y*y/(ry*ry); over > 1 {
		rx, ry = rx*math.Sqrt(over), ry*math.Sqrt(over)
	}
	k := math.Sqrt(max(0, rx*rx*ry*ry-rx*rx*y*y-ry*ry*x*x) / (rx*rx*y*y + ry*ry*x*x))
	if large == sweep {
		k = -k
	}
	cx, cy := k*rx*y/ry, -k*ry*x/rx
	mx, my := cos*cx-sin*cy+(a.x+b.x)/2, sin*cx+cos*cy+(a.y+b.y)/2
	from := math.Atan2((y-cy)/ry, (x-cx)/rx)
	turn := math.Atan2((-y-cy)/ry, (-x-cx)/rx) - from
	if sweep && turn < 0 {
		turn += 2 * math.Pi
	} else if !sweep && turn > 0 {
		turn -= 2 * math.Pi
	}
	const around = 40 // lines of a whole circle
	n := int(math.Abs(turn)/(2*math.Pi)*around) + 1
	for i := 1; i < n; i++ {
		s, c := math.Sincos(from + turn*float64(i)/float64(n))
		p.to(point{cos*rx*c - sin*ry*s + mx, sin*rx*c + cos*ry*s + my})
	}
	p.to(b)
}

// scanner takes path data apart, whose numbers may touch each other: "1.5.5-2".
type scanner struct{ left string }

func (s *scanner) blanks() {
	for s.left != "" && (s.left[0] == ' ' || s.left[0] == ',' || s.left[0] == '\n' || s.left[0] == '\t' || s.left[0] == '\r') {
		s.left = s.left[1:]
	}
}

func (s *scanner) command() (byte, bool) {
	s.blanks()
	if s.left == "" {
		return 0, false
	}
	c := s.left[0]
	s.left = s.left[1:]
	return c, true
}

// number reports whether one follows.
func (s *scanner) number() bool {
	s.blanks()
	return s.left != "" && (s.left[0] >= '0' && s.left[0] <= '9' || s.left[0] == '-' || s.left[0] == '+' || s.left[0] == '.')
}

// next takes a number, or the flag of an arc, which is one digit.
func (s *scanner) next(flag bool) (float64, error) {
	s.blanks()
	end, dot, exponent := 0, false, false
scan:
	for ; end < len(s.left); end++ {
		switch c := s.left[end]; {
		case flag && end == 1:
			break scan
		case c >= '0' && c <= '9':
		case (c == '-' || c == '+') && (end == 0 || s.left[end-1] == 'e' || s.left[end-1] == 'E'):
		case c == '.' && !dot && !exponent:
			dot = true
		case (c == 'e' || c == 'E') && end > 0 && !exponent:
			exponent = true
		default:
			break scan
		}
	}
	v, err := strconv.ParseFloat(s.left[:end], 64)
	if err != nil {
		return 0, fmt.Errorf("path data: %w", err)
	}
	s.left = s.left[end:]
	return v, nil
}
