// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {InstitutionId} from "../../../contracts/interfaces/IJournal.sol";
import {Erasure, INotary, Newest, RootKind, RootRecord} from "../../../contracts/interfaces/INotary.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {NotaryWorld} from "./NotaryWorld.sol";

/// Three recorders that try everything, in and out of their line, with the keys of one another; time passes.
contract NotaryHandler is NotaryWorld {
    struct Line {
        uint64 index;
        uint64 lines;
        uint32 day;
        uint256 recordedAt;
        uint32 epoch;
    }

    mapping(uint16 institution => mapping(RootKind kind => Line)) private _last;
    mapping(uint16 institution => uint256) public named;
    bool public everShrank;
    bool public everTooSoon;
    bool public everByAnother;
    bool public everOutOfCount;
    uint256 public taken;

    constructor() {
        _foundNotary();
        for (uint16 i = 1; i <= 3; ++i) _appoint(i, 0);
        VM.warp(_now() + APPOINTMENT_WAIT);
    }

    function notary() external view returns (INotary) {
        return _notary;
    }

    function passTime(uint16 minutes_) external {
        VM.warp(_now() + uint256(minutes_ % 2_000) * 1 minutes);
    }

    /// A root somewhere near the line, by the own recorder or another.
    function root(uint8 who, uint8 kind_, uint8 ahead, int8 lines, uint8 days_, uint8 signer) external {
        uint16 institution = 1 + (who % 3);
        RootKind kind = RootKind(1 + (kind_ % 3));
        Line storage line = _last[institution][kind];
        uint64 next = line.index + (ahead % 4 == 0 ? 2 : 1);
        int256 covered = int256(uint256(line.lines)) + lines;
        RootRecord memory record = _rootRecord(
            institution,
            kind,
            next,
            covered < 0 ? 0 : uint64(uint256(covered))
        );
        record.day = uint32(_now() / 1 days) + 1 - (days_ % 4);
        if (ahead % 5 == 4) record.stones += 1;
        uint16 by = signer % 4 == 0 ? 1 + (signer % 3) : institution;
        _try(record, by);
    }

    /// Whoever has the key does not wait: a root, well formed, and the next one at once.
    function rootAndNext(uint8 who, uint8 kind_) external {
        uint16 institution = 1 + (who % 3);
        RootKind kind = RootKind(1 + (kind_ % 3));
        for (uint256 i = 0; i < 2; ++i) {
            Line memory line = _last[institution][kind];
            _try(_rootRecord(institution, kind, line.index + 1, line.lines), institution);
        }
    }

    function _try(RootRecord memory record, uint16 by) private {
        uint16 institution = InstitutionId.unwrap(record.institution);
        bytes memory signature = _signRoot(record, _secretOf(by, record.epoch));
        try _notary.recordRoot(record, signature) {
            Line storage line = _last[institution][record.kind];
            ++taken;
            bool isFewer = record.epoch == line.epoch && record.lines < line.lines;
            if (record.index != line.index + 1 || isFewer || record.day < line.day) everShrank = true;
            if (line.index != 0 && _now() < line.recordedAt + 1 hours) everTooSoon = true;
            if (by != institution) everByAnother = true;
            if (record.stones != (record.kind == RootKind.AccessLog ? named[institution] : 0))
                everOutOfCount = true;
            _last[institution][record.kind] = Line(
                record.index,
                record.lines,
                record.day,
                _now(),
                record.epoch
            );
        } catch {}
    }

    function erase(uint8 who, uint8 count, uint8 signer) external {
        uint16 institution = 1 + (who % 3);
        Erasure memory erasure = _erasureOf(institution, count % 6);
        uint16 by = signer % 4 == 0 ? 1 + (signer % 3) : institution;
        try _notary.recordErasure(erasure, _signErasure(erasure, _secretOf(by, erasure.epoch))) {
            named[institution] += erasure.ids.length;
            if (by != institution) everByAnother = true;
        } catch {}
    }

    /// A new key: the line and the stones go on, and its lines begin where it says.
    function replace(uint8 who) external {
        uint16 institution = 1 + (who % 3);
        _appoint(institution, _notary.recorderOf(InstitutionId.wrap(institution)).epoch);
        VM.warp(_now() + APPOINTMENT_WAIT);
    }

    function lineOf(uint16 institution, RootKind kind) external view returns (Line memory) {
        return _last[institution][kind];
    }
}

/// What only grows only grows, whoever signs.
contract NotaryInvariants {
    NotaryHandler private _handler;

    function setUp() public {
        _handler = new NotaryHandler();
        // One of each is taken, or the rest says nothing.
        _handler.root(0, 0, 1, 5, 1, 1);
        _handler.erase(0, 3, 1);
        Expect.same(_handler.taken(), 1, "nothing was recorded");
        Expect.same(_handler.named(1), 3, "nothing was recorded");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_N1_whatOnlyGrowsOnlyGrows() public view {
        Expect.same(_handler.everShrank(), false, "a root went back");
        for (uint16 i = 1; i <= 3; ++i) {
            for (uint8 kind = 1; kind <= 3; ++kind) {
                Newest memory newest = _handler.notary().newestOf(InstitutionId.wrap(i), RootKind(kind));
                NotaryHandler.Line memory line = _handler.lineOf(i, RootKind(kind));
                Expect.same(newest.index, line.index, "not the line");
                Expect.same(newest.lines, line.lines, "not the line");
            }
        }
    }

    function invariant_N1_rootComesAtMostOnceAnHour() public view {
        Expect.same(_handler.everTooSoon(), false, "two roots in an hour");
    }

    function invariant_N1_rootIsByItsInstitutionsRecorder() public view {
        Expect.same(_handler.everByAnother(), false, "a root by another");
    }

    function invariant_N2_stonesAreTheIdsThatWereNamed() public view {
        Expect.same(_handler.everOutOfCount(), false, "a root counted other stones");
        for (uint16 i = 1; i <= 3; ++i) {
            uint64 stones = _handler.notary().recorderOf(InstitutionId.wrap(i)).stones;
            Expect.same(stones, _handler.named(i), "stones nobody named");
        }
    }
}
