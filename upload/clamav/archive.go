package clamav

import (
	"encoding/binary"
	"hash/crc32"
)

// member is a file in a zip, without its data: package archive/zip would want to be given gigabytes of zeros.
type member struct {
	name         string
	method       uint16
	sum          uint32
	packed, size uint32
}

const (
	localMark     = 0x04034b50
	directoryMark = 0x02014b50
	endMark       = 0x06054b50

	// frame is how long a zip of two stored members is beside their names, each twice, and their data.
	frame = 2*30 + 2*46 + 22
)

func storedMember(name string, data []byte) member {
	n := uint32(len(data))
	return member{name: name, sum: crc32.ChecksumIEEE(data), packed: n, size: n}
}

func zerosMember(name string, n int64) member {
	sum, block := uint32(0), make([]byte, 64<<10)
	for left := n; left > 0; left -= int64(len(block)) {
		sum = crc32.Update(sum, crc32.IEEETable, block[:min(left, int64(len(block)))])
	}
	return member{name: name, sum: sum, packed: uint32(n), size: uint32(n)}
}

// appendLocal appends what stands before the data.
func (m *member) appendLocal(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, localMark)
	b = m.appendFacts(b)
	return append(b, m.name...)
}

// appendDirectory appends the line of the directory.
func (m *member) appendDirectory(b []byte, offset int64) []byte {
	b = binary.LittleEndian.AppendUint32(b, directoryMark)
	b = binary.LittleEndian.AppendUint16(b, 20) // made by version 2.0
	b = m.appendFacts(b)
	b = append(b, make([]byte, 10)...) // comment, disk, attributes
	b = binary.LittleEndian.AppendUint32(b, uint32(offset))
	return append(b, m.name...)
}

func (m *member) appendFacts(b []byte) []byte {
	le := binary.LittleEndian
	b = le.AppendUint16(b, 20) // needs version 2.0
	b = le.AppendUint16(b, 0)
	b = le.AppendUint16(b, m.method)
	b = le.AppendUint32(b, 1<<21|1<<16) // midnight, 1 January 1980
	b = le.AppendUint32(b, m.sum)
	b = le.AppendUint32(b, m.packed)
	b = le.AppendUint32(b, m.size)
	b = le.AppendUint16(b, uint16(len(m.name)))
	return le.AppendUint16(b, 0)
}

// appendEnd appends the end of a zip whose directory lies between start and end.
func appendEnd(b []byte, members uint16, start, end int64) []byte {
	le := binary.LittleEndian
	b = le.AppendUint32(b, endMark)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint16(b, members)
	b = le.AppendUint16(b, members)
	b = le.AppendUint32(b, uint32(end-start))
	b = le.AppendUint32(b, uint32(start))
	return le.AppendUint16(b, 0)
}
