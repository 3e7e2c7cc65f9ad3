package finish

// huffmanTable is an optimal prefix code of the symbols that occur.
type huffmanTable struct {
	counts  [17]uint8 // codes of each length, 1 to 16
	symbols []byte    // by rising length
	code    [256]uint32
	length  [256]uint8
}

// maxCodeLength is what a JPEG file can say (ITU-R T.81, B.2.4.2).
const maxCodeLength = 16

// newHuffmanTable makes the shortest code for the given frequencies, of codes
// of at most 16 bits none of which is all ones (T.81, K.2): a symbol of
// frequency one, which is never written, takes the longest code.
func newHuffmanTable(frequency *[256]int) *huffmanTable {
	const reserved = 256
	var weight [257]int
	copy(weight[:], frequency[:])
	weight[reserved] = 1
	lengths := codeLengths(&weight)

	t := &huffmanTable{}
	var perLength [64]int
	for _, n := range lengths {
		perLength[n]++
	}
	shorten(&perLength)
	longest := maxCodeLength
	for longest > 0 && perLength[longest] == 0 {
		longest--
	}
	if longest > 0 {
		perLength[longest]-- // the reserved symbol
	}
	// Symbols by rising length of their code, as K.2 sorts them: shortening
	// changed how many have a length, not their order.
	for n := 1; n < len(perLength); n++ {
		for s := range 256 {
			if lengths[s] == n {
				t.symbols = append(t.symbols, byte(s))
			}
		}
	}
	next, at := uint32(0), 0
	for n := 1; n <= maxCodeLength; n++ {
		t.counts[n] = uint8(perLength[n])
		for range perLength[n] {
			s := t.symbols[at]
			t.code[s], t.length[s] = next, uint8(n)
			next++
			at++
		}
		next <<= 1
	}
	return t
}

// codeLengths joins the two rarest groups of symbols until one is left; every
// join makes the codes of both groups one bit longer.
func codeLengths(weight *[257]int) (lengths [257]int) {
	var chain [257]int // the next symbol of the same group
	for i := range chain {
		chain[i] = -1
	}
	for {
		a, b := -1, -1 // the rarest, the second rarest; of equals the higher symbol
		for i, w := range weight {
			switch {
			case w == 0:
			case a < 0 || w <= weight[a]:
				a, b = i, a
			case b < 0 || w <= weight[b]:
				b = i
			}
		}
		if b < 0 {
			return lengths
		}
		weight[a] += weight[b]
		weight[b] = 0
		end := a
		for s := a; s >= 0; s = chain[s] {
			lengths[s]++
			end = s
		}
		chain[end] = b
		for s := b; s >= 0; s = chain[s] {
			lengths[s]++
		}
	}
}

// shorten moves codes longer than 16 bits to shorter lengths: a pair of them
// becomes one of a bit less, and a shorter code makes room for the other (T.81,
// figure K.3).
func shorten(perLength *[64]int) {
	for n := len(perLength) - 1; n > maxCodeLength; n-- {
		for perLength[n] > 0 {
			room := n - 2
			for perLength[room] == 0 {
				room--
			}
			perLength[n] -= 2
			perLength[n-1]++
			perLength[room+1] += 2
			perLength[room]--
		}
	}
}

// bits is how many bits the symbols take, without what follows each.
func (t *huffmanTable) bits(frequency *[256]int) int64 {
	sum := int64(0)
	for s, n := range frequency {
		sum += int64(n) * int64(t.length[s])
	}
	return sum
}

// bitWriter packs codes into bytes, a zero behind every 0xff (T.81, F.1.2.3).
type bitWriter struct {
	out  []byte
	held uint64 // the lowest n bits are not yet written
	n    uint
}

// write appends the lowest count bits of v, at most 32.
func (w *bitWriter) write(v uint32, count uint) {
	w.held = w.held<<count | uint64(v)
	w.n += count
	if w.n >= 32 {
		w.drain()
	}
}

func (w *bitWriter) drain() {
	for w.n >= 8 {
		w.n -= 8
		b := byte(w.held >> w.n)
		w.out = append(w.out, b)
		if b == 0xff {
			w.out = append(w.out, 0)
		}
	}
}

// flush fills the last byte with ones.
func (w *bitWriter) flush() {
	w.drain()
	if w.n > 0 {
		w.write(1<<(8-w.n)-1, 8-w.n)
		w.drain()
	}
}
