package finish

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// CheckWhole tells a picture that arrived cut off or damaged from a whole one
// without decoding it: a PNG whose chunks agree with their checksums up to IEND,
// a JPEG with an end marker, a WebP as long as its header says, a GIF with its
// trailer. The error wraps ErrInvalid, or is src's own. It reads src once and
// leaves it at its start.
func CheckWhole(src io.ReadSeeker, format Format) error {
	size, err := src.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = src.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("finish: rewind: %w", err)
	}
	r := bufio.NewReaderSize(src, 64<<10)
	switch format {
	case PNG:
		err = wholePNG(r)
	case JPEG:
		err = wholeJPEG(r)
	case WebP:
		err = wholeWebP(r, size)
	case GIF:
		err = wholeGIF(src, size)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: the file ends too early: %w", ErrInvalid, io.ErrUnexpectedEOF)
	}
	if err != nil {
		return err
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("finish: rewind: %w", err)
	}
	return nil
}

func wholePNG(r *bufio.Reader) error {
	if _, err := r.Discard(8); err != nil {
		return err
	}
	sum := crc32.NewIEEE()
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return err
		}
		sum.Reset()
		sum.Write(head[4:])
		if _, err := io.CopyN(sum, r, int64(binary.BigEndian.Uint32(head[:4]))); err != nil {
			return err
		}
		var want [4]byte
		if _, err := io.ReadFull(r, want[:]); err != nil {
			return err
		}
		// Decoders pass over a damaged chunk that the picture does not need,
		// which the fifth bit of its name tells (PNG 1.2, 3.3).
		critical := head[4]&0x20 == 0
		if critical && sum.Sum32() != binary.BigEndian.Uint32(want[:]) {
			return fmt.Errorf("%w: the checksum of chunk %q does not match", ErrInvalid, head[4:])
		}
		if string(head[4:]) == "IEND" {
			return nil
		}
	}
}

func wholeJPEG(r *bufio.Reader) error {
	if _, err := r.Discard(2); err != nil {
		return err
	}
	for {
		marker, err := nextMarker(r)
		if err != nil || marker == markerEOI {
			return err
		}
		if marker == 0x01 || marker >= 0xd0 && marker <= 0xd7 {
			continue
		}
		if _, err := segmentBody(r); err != nil {
			return err
		}
	}
}

func wholeWebP(r *bufio.Reader, size int64) error {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	if 8+int64(binary.LittleEndian.Uint32(head[4:])) > size {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func wholeGIF(src io.ReadSeeker, size int64) error {
	// Some writers pad a GIF with zeros behind its trailer.
	tail := make([]byte, min(size, 1024))
	if _, err := src.Seek(-int64(len(tail)), io.SeekEnd); err != nil {
		return fmt.Errorf("finish: rewind: %w", err)
	}
	if _, err := io.ReadFull(src, tail); err != nil {
		return err
	}
	if !bytes.HasSuffix(bytes.TrimRight(tail, "\x00"), []byte{0x3b}) {
		return io.ErrUnexpectedEOF
	}
	return nil
}
