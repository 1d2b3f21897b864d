// SPDX-License-Identifier: Apache-2.0
// What caller.c does, in Go, for Windows: makes a portal known, looks for targets, logs in, lists,
// and logs out.
//
//	caller-go LIBRARY ADDRESS PORT TARGET [USER PASSWORD]
//
// It uses the functions of W where there are two. It prints "logged in" and waits for a line on its
// standard input; at the end it prints "logged out".
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

const (
	insufficientBuffer = 122
	invalidSessionID   = 0xEFFF001C
	anyPort            = 0xFFFFFFFF
)

type uniqueID struct {
	adapterUnique, adapterSpecific uint64
}

type targetPortal struct {
	symbolicName, address [256]uint16
	socket                uint16
}

type loginOptions struct {
	version, informationSpecified, loginFlags, authType uint32
	headerDigest, dataDigest, maximumConnections        uint32
	defaultTime2Wait, defaultTime2Retain                uint32
	usernameLength, passwordLength                      uint32
	username, password                                  *byte
}

type connectionInfo struct {
	connectionID                    uniqueID
	initiatorAddress, targetAddress *uint16
	initiatorSocket, targetSocket   uint16
	cid                             [2]byte
}

type sessionInfo struct {
	sessionID                                 uniqueID
	initiatorName, targetNodeName, targetName *uint16
	isid                                      [6]byte
	tsid                                      [2]byte
	connectionCount                           uint32
	connections                               *connectionInfo
}

type versionInfo struct {
	major, minor, build uint32
}

type device struct {
	initiatorName                             [256]uint16
	targetName                                [224]uint16
	addressLength                             uint32
	port, path, target, lun                   byte
	interfaceType                             [4]uint32
	interfaceName, legacyName                 [260]uint16
	deviceType, deviceNumber, partitionNumber uint32
	deviceInstance                            uint32
}

var library *syscall.DLL

func expect(good bool, what string, got interface{}) {
	if !good {
		fmt.Fprintf(os.Stderr, "caller.go: %s: got %v\n", what, got)
		os.Exit(1)
	}
}

func call(name string, arguments ...uintptr) uint32 {
	procedure, err := library.FindProc(name)
	expect(err == nil, name, err)
	status, _, _ := procedure.Call(arguments...)
	return uint32(status)
}

// An argument of 64 bits that is zero: two words where a word has 32 bits.
func zero64() []uintptr {
	return make([]uintptr, 8/unsafe.Sizeof(uintptr(0)))
}

func pointer(to unsafe.Pointer) uintptr {
	return uintptr(to)
}

func wide(text string) []uint16 {
	units, err := syscall.UTF16FromString(text)
	expect(err == nil, text, err)
	return units
}

// The text that a pointer of the list leads to.
func textAt(units *uint16) string {
	return syscall.UTF16ToString((*[512]uint16)(unsafe.Pointer(units))[:])
}

func askNames() {
	var version versionInfo
	var name [224]uint16
	status := call("GetIScsiVersionInformation", pointer(unsafe.Pointer(&version)))
	expect(status == 0 && version.major > 0, "GetIScsiVersionInformation", status)
	status = call("GetIScsiInitiatorNodeNameW", pointer(unsafe.Pointer(&name[0])))
	expect(status == 0, "GetIScsiInitiatorNodeNameW", status)
	fmt.Println("initiator", syscall.UTF16ToString(name[:]))
}

func lookForTarget(target string) {
	size := uint32(0)
	status := call("ReportIScsiTargetsW", 1, pointer(unsafe.Pointer(&size)), 0)
	expect(status == insufficientBuffer, "ReportIScsiTargetsW for the size", status)
	names := make([]uint16, size)
	status = call("ReportIScsiTargetsW", 0, pointer(unsafe.Pointer(&size)), pointer(unsafe.Pointer(&names[0])))
	expect(status == 0, "ReportIScsiTargetsW", status)
	for begin := 0; begin < len(names) && names[begin] != 0; {
		name := syscall.UTF16ToString(names[begin:])
		if name == target {
			return
		}
		begin += len(wide(name))
	}
	expect(false, "the target is not reported", target)
}

func logIn(target string, secret []string) (session, connection uniqueID) {
	var options *loginOptions
	if len(secret) == 2 {
		user, password := []byte(secret[0]), []byte(secret[1])
		options = &loginOptions{informationSpecified: 0xE0, authType: 1,
			usernameLength: uint32(len(user)), username: &user[0],
			passwordLength: uint32(len(password)), password: &password[0]}
	}
	name := wide(target)
	arguments := []uintptr{pointer(unsafe.Pointer(&name[0])), 0, 0, anyPort, 0}
	arguments = append(arguments, zero64()...)
	arguments = append(arguments, 0, pointer(unsafe.Pointer(options)), 0, 0, 0,
		pointer(unsafe.Pointer(&session)), pointer(unsafe.Pointer(&connection)))
	status := call("LoginIScsiTargetW", arguments...)
	expect(status == 0, "LoginIScsiTargetW", status)
	return session, connection
}

// The bytes of a structure of the list. Windows aligns 64-bit integers to 8; Go for 386 does so to 4.
const sessionSize = (unsafe.Sizeof(sessionInfo{}) + 7) / 8 * 8

// The session in a list that is fetched anew; nil: it isn't there.
func findSession(id uniqueID) *sessionInfo {
	size, count := uint32(0), uint32(0)
	status := call("GetIScsiSessionListW", pointer(unsafe.Pointer(&size)), pointer(unsafe.Pointer(&count)), 0)
	expect(status == 0 || status == insufficientBuffer, "GetIScsiSessionListW for the size", status)
	list := make([]uint64, size/8+1)
	status = call("GetIScsiSessionListW", pointer(unsafe.Pointer(&size)), pointer(unsafe.Pointer(&count)),
		pointer(unsafe.Pointer(&list[0])))
	expect(status == 0, "GetIScsiSessionListW", status)
	for i := uintptr(0); i < uintptr(count); i++ {
		session := (*sessionInfo)(unsafe.Pointer(&list[i*sessionSize/8]))
		if session.sessionID == id {
			return session
		}
	}
	return nil
}

func expectListed(session, connection uniqueID, target string, port int) {
	found := findSession(session)
	expect(found != nil, "the session is not listed", session)
	expect(textAt(found.targetNodeName) == target, "its target", textAt(found.targetNodeName))
	expect(found.connectionCount == 1, "its connections", found.connectionCount)
	expect(found.connections.connectionID == connection, "its connection's identifier", found.connections.connectionID)
	expect(int(found.connections.targetSocket) == port, "its port", found.connections.targetSocket)
}

func askDevices(session uniqueID, target string) {
	count := uint32(0)
	status := call("GetDevicesForIScsiSessionW", pointer(unsafe.Pointer(&session)), pointer(unsafe.Pointer(&count)), 0)
	expect(status == insufficientBuffer && count > 0, "GetDevicesForIScsiSessionW for the count", status)
	devices := make([]device, count)
	status = call("GetDevicesForIScsiSessionW", pointer(unsafe.Pointer(&session)), pointer(unsafe.Pointer(&count)),
		pointer(unsafe.Pointer(&devices[0])))
	expect(status == 0, "GetDevicesForIScsiSessionW", status)
	for _, found := range devices {
		name := syscall.UTF16ToString(found.targetName[:])
		expect(name == target, "a device's target", name)
		fmt.Println("device lun", found.lun, "type", found.deviceType)
	}
}

func main() {
	if len(os.Args) != 5 && len(os.Args) != 7 {
		fmt.Fprintln(os.Stderr, "usage: caller-go LIBRARY ADDRESS PORT TARGET [USER PASSWORD]")
		os.Exit(2)
	}
	var err error
	library, err = syscall.LoadDLL(os.Args[1])
	expect(err == nil, os.Args[1], err)
	port, err := strconv.Atoi(os.Args[3])
	expect(err == nil, os.Args[3], err)
	target := os.Args[4]
	askNames()
	portal := targetPortal{socket: uint16(port)}
	copy(portal.address[:], wide(os.Args[2]))
	arguments := append([]uintptr{0, anyPort, 0}, zero64()...)
	status := call("AddIScsiSendTargetPortalW", append(arguments, pointer(unsafe.Pointer(&portal)))...)
	expect(status == 0, "AddIScsiSendTargetPortalW", status)
	lookForTarget(target)
	session, connection := logIn(target, os.Args[5:])
	expectListed(session, connection, target, port)
	askDevices(session, target)
	fmt.Println("logged in")
	_, err = bufio.NewReader(os.Stdin).ReadString('\n')
	expect(err == nil, "nobody said to go on", err)
	status = call("LogoutIScsiTarget", pointer(unsafe.Pointer(&session)))
	expect(status == 0, "LogoutIScsiTarget", status)
	expect(findSession(session) == nil, "the session is still listed", session)
	status = call("LogoutIScsiTarget", pointer(unsafe.Pointer(&session)))
	expect(status == invalidSessionID, "LogoutIScsiTarget once more", status)
	fmt.Println("logged out")
}
