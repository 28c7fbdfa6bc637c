"""Drives an ONTAP cluster with NetApp's own SDK, as its documentation shows.

Usage: scenarios.py HOST PORT USER PASSWORD [SCENARIO…]
Prints one JSON line per scenario: {"scenario": NAME, "failure": null or text}.
"""

import json
import sys
import traceback

from netapp_ontap import HostConnection, NetAppRestError, config
from netapp_ontap.resources import (
    Account,
    Aggregate,
    BroadcastDomain,
    Cluster,
    ConsistencyGroup,
    ConsistencyGroupSnapshot,
    CounterRow,
    CounterTable,
    Dns,
    ExportClient,
    ExportPolicy,
    ExportRule,
    FileInfo,
    Igroup,
    IgroupInitiator,
    Lun,
    LunMap,
    NetworkRoute,
    NvmeNamespace,
    NvmeSubsystem,
    NvmeSubsystemMap,
    Port,
    Qtree,
    QuotaRule,
    Role,
    Snapshot,
    Svm,
    Volume,
)

GIB = 1024**3
SVM = {"name": "svm0"}
AGGREGATES = [{"name": "aggr1_n1"}]


def new_volume(name, size=GIB, **more):
    return Volume(name=name, svm=SVM, aggregates=AGGREGATES, size=size, **more)


def refused(code, status, call):
    """The call is refused with ONTAP's code and status."""
    try:
        call()
    except NetAppRestError as error:
        found = (error.status_code, error.response_body and error.response_body["error"]["code"])
        assert found == (status, str(code)), f"{found} instead of {(status, str(code))}: {error}"
        return error
    raise AssertionError(f"not refused with {code}")


def cluster_and_svm():
    cluster = Cluster()
    cluster.get()
    assert cluster.name == "sim-cluster", cluster.name
    assert (cluster.version.generation, cluster.version.major) == (9, 17), cluster.version
    svm = Svm.find(name="svm0")
    assert svm.state == "running"
    assert {aggregate.name for aggregate in svm.aggregates} == {"aggr1_n1", "aggr1_n2"}
    assert {aggregate.name for aggregate in Aggregate.get_collection()} == {"aggr1_n1", "aggr1_n2"}
    [first] = Aggregate.get_collection(name="aggr1_n1", fields="space.block_storage,node.name")
    assert first.space.block_storage.size == 10 * 1024**4


def volume_life():
    volume = new_volume("sdk_life", nas={"path": "/sdk_life", "security_style": "unix", "unix_permissions": 755})
    volume.post(hydrate=True)
    assert volume.uuid and volume.state == "online" and volume.size == GIB, volume
    volume.get(fields="nas")
    assert (volume.nas.path, volume.nas.unix_permissions) == ("/sdk_life", 755), volume

    found = Volume.find(name="sdk_life", **{"svm.name": "svm0"})
    assert found.uuid == volume.uuid and found.size == GIB
    found.size = 2 * GIB
    found.comment = "of the SDK"
    found.patch(hydrate=True)
    assert (found.size, found.comment) == (2 * GIB, "of the SDK")
    found.name = "sdk_renamed"
    found.patch(hydrate=True)
    assert Volume.find(name="sdk_life") is None
    again = Volume(uuid=volume.uuid)
    again.get(fields="name,nas.export_policy.name,space")
    assert (again.name, again.nas.export_policy.name) == ("sdk_renamed", "default")
    assert again.space.size == 2 * GIB
    again.delete()
    assert Volume.find(name="sdk_renamed") is None
    error = refused(4, 404, again.get)
    assert error.status_code == 404


def polling_by_hand():
    volume = new_volume("sdk_polled")
    response = volume.post(poll=False)
    assert response.http_response.status_code == 202 and response.is_job
    assert response.poll(interval=1, timeout=20).http_response.json()["state"] == "success"
    volume = Volume.find(name="sdk_polled")
    response = volume.delete(poll=False)
    response.poll(interval=1, timeout=20)


def paging():
    names = [f"sdk_page_{number}" for number in range(7)]
    Volume.post_collection([new_volume(name) for name in names])
    query = {"name": "sdk_page_*", "max_records": 2, "order_by": "name", "fields": "name,size,style"}
    listed = list(Volume.get_collection(**query))
    assert [volume.name for volume in listed] == names, [volume.name for volume in listed]
    assert all(volume.style == "flexvol" for volume in listed)
    assert Volume.count_collection(name="sdk_page_*") == 7
    assert [volume.name for volume in Volume.get_collection(name="sdk_page_0|sdk_page_6")] == ["sdk_page_0", "sdk_page_6"]
    Volume.patch_collection({"comment": "all of them"}, name="sdk_page_*")
    assert Volume.count_collection(name="sdk_page_*", comment="all of them") == 7
    listed[0].comment = "one of them"
    Volume.patch_collection({}, records=listed[:1])
    assert Volume.count_collection(name="sdk_page_*", comment="all of them") == 6
    Volume.delete_collection(name="sdk_page_*")
    assert Volume.count_collection(name="sdk_page_*") == 0


def snapshots_and_clones():
    parent = new_volume("sdk_parent", nas={"path": "/sdk_parent"})
    parent.post(hydrate=True)
    snapshot = Snapshot(parent.uuid, name="s1", comment="before")
    snapshot.post(hydrate=True)
    snapshot.comment = "changed"
    snapshot.patch(hydrate=True)
    assert Snapshot.find(parent.uuid, name="s1").comment == "changed"
    snapshot.comment = "before"
    snapshot.patch(hydrate=True)
    assert snapshot.uuid and snapshot.comment == "before" and snapshot.create_time
    assert [each.name for each in Snapshot.get_collection(parent.uuid)] == ["s1"]

    clone = Volume(
        name="sdk_clone",
        svm=SVM,
        clone={"is_flexclone": True, "parent_volume": {"name": "sdk_parent"}, "parent_snapshot": {"name": "s1"}},
    )
    clone.post(hydrate=True)
    clone.get(fields="clone,size")
    assert clone.clone.parent_snapshot.name == "s1" and clone.size == GIB, clone
    try:
        snapshot.delete()
        raise AssertionError("a busy snapshot was deleted")
    except NetAppRestError as error:
        assert "Job failed" in str(error), error
    clone.clone.split_initiated = True
    clone.patch(hydrate=True)
    clone.get(fields="clone")
    assert not clone.clone.is_flexclone
    snapshot.delete()
    assert Snapshot.find(parent.uuid, name="s1") is None

    Snapshot(parent.uuid, name="s2").post()
    parent.patch(**{"restore_to.snapshot.name": "s2"})
    for volume in (clone, parent):
        volume.delete()


def qtrees_and_quotas():
    volume = new_volume("sdk_trees", nas={"path": "/sdk_trees"})
    volume.post(hydrate=True)
    qtree = Qtree(name="q1", svm=SVM, volume={"name": "sdk_trees"}, security_style="unix", unix_permissions=750)
    qtree.post(hydrate=True)
    assert qtree.id == 1 and qtree.unix_permissions == 750, qtree
    found = Qtree.find(**{"volume.name": "sdk_trees", "name": "q1"})
    found.name = "q2"
    found.patch(hydrate=True)
    assert {each.name for each in Qtree.get_collection(**{"volume.name": "sdk_trees"})} >= {"q2"}
    for name in ("q3", "q4"):
        Qtree(name=name, svm=SVM, volume={"name": "sdk_trees"}).post()
    by_page = list(Qtree.get_collection(**{"volume.name": "sdk_trees", "name": "q*", "max_records": 1}))
    assert [each.name for each in by_page] == ["q2", "q3", "q4"], by_page
    Qtree.delete_collection(**{"volume.name": "sdk_trees", "name": "q3|q4"})
    rule = QuotaRule(svm=SVM, volume={"name": "sdk_trees"}, type="tree", qtree={"name": "q2"}, space={"hard_limit": GIB})
    rule.post(hydrate=True)
    assert rule.space.hard_limit == GIB, rule
    rule.space.hard_limit = 2 * GIB
    rule.patch(hydrate=True)
    assert QuotaRule.find(**{"volume.name": "sdk_trees", "qtree.name": "q2"}).space.hard_limit == 2 * GIB
    volume.quota = {"enabled": True}
    volume.patch()
    volume.get(fields="quota.state")
    assert volume.quota.state == "on", volume.quota
    rule.delete()
    found.delete()
    assert Qtree.find(**{"volume.name": "sdk_trees", "name": "q2"}) is None
    volume.delete()


def luns_and_igroups():
    volume = new_volume("sdk_san", guarantee={"type": "none"})
    volume.post(hydrate=True)
    lun = Lun(name="/vol/sdk_san/lun0", svm=SVM, os_type="linux", space={"size": GIB // 4})
    lun.post(hydrate=True)
    assert lun.uuid and len(lun.serial_number) == 12 and lun.location.volume.name == "sdk_san"
    refused(5374242, 409, Lun(name="/vol/sdk_san/lun0", svm=SVM, os_type="linux", space={"size": GIB // 4}).post)
    lun.space = {"size": GIB // 2}
    lun.patch(hydrate=True)
    assert Lun.find(name="/vol/sdk_san/lun0").space.size == GIB // 2
    copy = Lun(name="/vol/sdk_san/lun1", svm=SVM, clone={"source": {"name": "/vol/sdk_san/lun0"}})
    copy.post(hydrate=True)
    assert copy.space.size == GIB // 2 and copy.serial_number != lun.serial_number

    igroup = Igroup(name="sdk_hosts", svm=SVM, protocol="iscsi", os_type="linux")
    igroup.post(hydrate=True)
    IgroupInitiator(igroup.uuid, name="iqn.1994-05.com.redhat:one").post()
    igroup.get()
    assert [each.name for each in igroup.initiators] == ["iqn.1994-05.com.redhat:one"]
    refused(5374023, 409, Igroup(name="sdk_hosts", svm=SVM, protocol="iscsi", os_type="linux").post)

    by_page = list(Lun.get_collection(**{"location.volume.name": "sdk_san", "max_records": 1, "fields": "space.size"}))
    assert sorted(each.name for each in by_page) == ["/vol/sdk_san/lun0", "/vol/sdk_san/lun1"], by_page
    found = Igroup.find(name="sdk_hosts")
    found.comment = "of the SDK"
    found.patch(hydrate=True)
    assert (found.uuid, found.comment) == (igroup.uuid, "of the SDK"), found
    copy.name = "/vol/sdk_san/lun2"
    copy.patch(hydrate=True)
    assert Lun.find(name="/vol/sdk_san/lun2").uuid == copy.uuid and Lun.find(name="/vol/sdk_san/lun1") is None

    mapping = LunMap(svm=SVM, lun={"name": "/vol/sdk_san/lun0"}, igroup={"name": "sdk_hosts"})
    mapping.post(hydrate=True)
    assert mapping.logical_unit_number == 0, mapping
    refused(1254197, 409, lun.delete)
    refused(1254207, 409, LunMap(svm=SVM, lun={"name": "/vol/sdk_san/lun0"}, igroup={"name": "sdk_hosts"}).post)
    [found] = LunMap.get_collection(**{"igroup.name": "sdk_hosts"}, fields="*")
    assert found.lun.uuid == lun.uuid
    found.delete()
    igroup.delete()
    for each in (copy, lun):
        each.delete()
    volume.delete()


def namespaces():
    volume = new_volume("sdk_nvme")
    volume.post(hydrate=True)
    namespace = NvmeNamespace(name="/vol/sdk_nvme/ns0", svm=SVM, os_type="linux", space={"size": GIB // 4})
    namespace.post(hydrate=True)
    subsystem = NvmeSubsystem(name="sdk_ss", svm=SVM, os_type="linux", hosts=[{"nqn": "nqn.2014-08.org.nvmexpress:uuid:1"}])
    subsystem.post(hydrate=True)
    assert subsystem.target_nqn.endswith(":subsystem.sdk_ss")
    mapping = NvmeSubsystemMap(svm=SVM, subsystem={"name": "sdk_ss"}, namespace={"name": "/vol/sdk_nvme/ns0"})
    mapping.post(hydrate=True)
    refused(72089796, 409, namespace.delete)
    mapping.delete()
    subsystem.delete(allow_delete_with_hosts=True)
    namespace.delete()
    volume.delete()


def child_names(group):
    group.get(fields="**")
    return sorted(child.name for child in group.consistency_groups)


def consistency_groups():
    volumes = [new_volume(f"sdk_cg{index}") for index in range(3)]
    for volume in volumes:
        volume.post(hydrate=True)
    add = {"provisioning_options": {"action": "add"}}
    group = ConsistencyGroup(
        name="sdk_app",
        svm=SVM,
        consistency_groups=[
            {"name": "sdk_data", "volumes": [{"name": "sdk_cg0", **add}, {"name": "sdk_cg1", **add}]},
            {"name": "sdk_logs", "volumes": [{"name": "sdk_cg2", **add}]},
        ],
    )
    group.post(hydrate=True)
    assert child_names(group) == ["sdk_data", "sdk_logs"], group
    top = list(ConsistencyGroup.get_collection(**{"svm.name": "svm0", "parent_consistency_group.uuid": "null"}))
    assert [each.name for each in top] == ["sdk_app"], top

    snapshot = ConsistencyGroupSnapshot(group.uuid)
    snapshot.name = "sdk_two"
    snapshot.post(hydrate=True, action="start", action_timeout=60)
    snapshot.patch(hydrate=True, action="commit")
    assert len(snapshot.snapshot_volumes) == 3, snapshot

    moved = ConsistencyGroup(uuid=group.uuid)
    moved.consistency_groups = [
        {"name": "sdk_logs", "volumes": [{"name": "sdk_cg0", "provisioning_options": {"action": "reassign"}}]},
        {"name": "sdk_data"},
    ]
    moved.patch()
    restored = ConsistencyGroup(uuid=group.uuid)
    restored.restore_to = {"snapshot": {"uuid": snapshot.uuid}}
    restored.patch()
    detached = ConsistencyGroup(uuid=group.uuid)
    detached.consistency_groups = [
        {"name": "sdk_data", "provisioning_options": {"action": "remove", "name": "sdk_alone"}}
    ]
    detached.patch()
    assert child_names(group) == ["sdk_logs"]

    single = ConsistencyGroup.find(name="sdk_alone")
    single.luns = [
        {
            "name": "/vol/sdk_cg1/lun",
            "provisioning_options": {"count": 2, "action": "create"},
            "space": {"size": "100mb"},
            "os_type": "linux",
            "lun_maps": [{"igroup": {"name": "sdk_cg", "initiators": [{"name": "iqn.1998-01.com.corp:a"}]}}],
        }
    ]
    single.patch()
    maps = list(LunMap.get_collection(**{"igroup.name": "sdk_cg"}))
    assert len(maps) == 2, maps
    clone = ConsistencyGroup(
        name="sdk_clone",
        svm=SVM,
        clone={
            "volume": {"prefix": "my_", "suffix": "_clone"},
            "split_initiated": True,
            "parent_consistency_group": {"name": "sdk_alone"},
            "guarantee": {"type": "none"},
        },
    )
    clone.post(hydrate=True)
    assert Lun.find(name="/vol/my_sdk_cg1_clone/lun_1") is not None

    for name in ("sdk_clone", "sdk_alone", "sdk_app"):
        ConsistencyGroup.find(name=name).delete()
    refused(53411842, 404, lambda: ConsistencyGroup(uuid=group.uuid).get())
    Igroup.find(name="sdk_cg").delete(allow_delete_while_mapped=True)
    for name in ("my_sdk_cg1_clone", "sdk_cg0", "sdk_cg1", "sdk_cg2"):
        Volume.find(name=name).delete()


def export_policies():
    policy = ExportPolicy(name="sdk_policy", svm=SVM)
    policy.rules = [{"clients": [{"match": "10.0.0.0/24"}], "ro_rule": ["sys"], "rw_rule": ["sys"]}]
    policy.post(hydrate=True)
    assert policy.id and len(policy.rules) == 1, policy
    rule = ExportRule(policy.id, clients=[{"match": "10.0.1.1"}], ro_rule=["any"], rw_rule=["never"], superuser=["none"])
    rule.post(hydrate=True)
    assert rule.index == 2 and rule.rw_rule == ["never"], rule
    rule.rw_rule = ["any"]
    rule.patch(hydrate=True)
    assert rule.rw_rule == ["any"]
    assert [each.index for each in ExportRule.get_collection(policy.id, max_records=1)] == [1, 2]

    volume = new_volume("sdk_exported", nas={"path": "/sdk_exported", "export_policy": {"name": "sdk_policy"}})
    volume.post(hydrate=True)
    volume.get(fields="nas.export_policy")
    assert volume.nas.export_policy.id == policy.id
    refused(1703945, 409, policy.delete)
    volume.delete(force=True)
    rule.delete()
    policy.name = "sdk_renamed_policy"
    policy.patch(hydrate=True)
    assert ExportPolicy.find(name="sdk_renamed_policy").id == policy.id
    policy.delete()


def export_clients():
    policy = ExportPolicy(name="sdk_clients", svm=SVM)
    policy.rules = [{"clients": [{"match": "10.0.0.1"}], "ro_rule": ["any"], "rw_rule": ["any"]}]
    policy.post(hydrate=True)
    client = ExportClient(policy.id, 1, match="10.1.0.0/16")
    client.post(hydrate=True)
    assert client.svm.name == "svm0", client
    found = [each.match for each in ExportClient.get_collection(policy.id, 1)]
    assert found == ["10.0.0.1", "10.1.0.0/16"], found
    ExportClient(policy.id, 1, match="10.0.0.1").delete()
    rule = ExportRule(policy.id, index=1)
    rule.get(fields="clients")
    assert [each.match for each in rule.clients] == ["10.1.0.0/16"], rule
    policy.delete()


def counters():
    tables = [table.name for table in CounterTable.get_collection()]
    assert "volume" in tables and "system:node" in tables, tables
    rows = list(CounterRow.get_collection("system:node", fields="counters", **{"counters.name": "uptime"}))
    assert len(rows) == 2, rows
    assert [counter.name for counter in rows[0].counters] == ["uptime"], rows[0]
    assert rows[0].counters[0].value > 0, rows[0]


def moves_and_data():
    left = new_volume("sdk_left")
    right = new_volume("sdk_right")
    left.post(hydrate=True)
    right.post(hydrate=True)
    lun = Lun(name="/vol/sdk_left/lun0", svm=SVM, os_type="linux", space={"size": GIB // 8})
    lun.post(hydrate=True)
    lun.patch(data="bytes of a LUN", **{"data.offset": "512"})
    lun.name = "/vol/sdk_right/lun0"
    lun.patch()
    lun.get(fields="movement")
    assert lun.movement.paths.source == "/vol/sdk_left/lun0", lun
    assert lun.movement.progress.state == "complete", lun
    lun.delete()
    notes = FileInfo(left.uuid, "notes")
    notes.post(data="first")
    notes.patch(data=" and last", byte_offset=-1)
    left.movement = {"destination_aggregate": {"name": "aggr1_n2"}}
    left.patch(poll=True)
    left.get(fields="movement,aggregates")
    assert left.movement.state == "success", left
    assert left.aggregates[0].name == "aggr1_n2", left
    left.delete(force=True)
    right.delete(force=True)


def networks():
    domain = BroadcastDomain(name="sdk_domain", mtu=9000)
    domain.post(hydrate=True)
    assert domain.ipspace.name == "Default", domain
    port = Port.find(name="e0d", **{"node.name": "sim-cluster-01"})
    port.broadcast_domain = {"name": "sdk_domain"}
    port.patch()
    port.get()
    assert port.mtu == 9000, port
    refused("8", 409, domain.delete)
    port.broadcast_domain = {"name": "Default"}
    port.patch()
    domain.delete()
    route = NetworkRoute(gateway="10.0.0.1", svm=SVM)
    route.post(hydrate=True)
    assert route.destination.address == "0.0.0.0", route
    route.delete()


def accounts():
    role = Role(name="sdk_role", privileges=[{"path": "/api/storage/volumes", "access": "readonly"}])
    role.post(hydrate=True)
    account = Account(name="sdk_account", password="sdk-password-1", role={"name": "sdk_role"})
    account.post(hydrate=True)
    assert account.role.name == "sdk_role" and account.scope == "cluster", account
    with HostConnection(HOST, port=PORT, username="sdk_account", password="sdk-password-1", verify=False):
        assert Volume.count_collection() > 0
        refused(6, 403, lambda: list(Aggregate.get_collection()))
    account.delete()
    role.delete()
    dns = Dns(svm=SVM, domains=["example.com"], servers=["192.0.2.53"])
    dns.post(hydrate=True)
    dns.servers = ["192.0.2.54"]
    dns.patch(hydrate=True)
    assert Dns.find(**{"svm.name": "svm0"}).servers == ["192.0.2.54"]
    dns.delete()


def errors():
    new_volume("sdk_twice").post()
    refused(917526, 409, new_volume("sdk_twice").post)
    refused(917888, 400, new_volume("sdk-twice").post)
    refused(262197, 400, lambda: list(Volume.get_collection(fields="colour")))
    refused(262179, 400, lambda: list(Volume.get_collection(colour="red")))
    refused(4, 404, Volume(uuid="00000000-0000-0000-0000-000000000000").get)
    try:
        new_volume("sdk_huge", size=50 * 1024**4, guarantee={"type": "volume"}).post()
        raise AssertionError("a volume larger than its aggregate was made")
    except NetAppRestError as error:
        assert "Job failed" in str(error), error
    assert Volume.find(name="sdk_huge") is None
    Volume.find(name="sdk_twice").delete()
    stranger = HostConnection(HOST, port=PORT, username="admin", password="wrong", verify=False)
    with stranger:
        try:
            Cluster().get()
            raise AssertionError("a wrong password was taken")
        except NetAppRestError as error:
            assert error.status_code == 401, error


SCENARIOS = {
    call.__name__: call
    for call in (
        cluster_and_svm,
        volume_life,
        polling_by_hand,
        paging,
        snapshots_and_clones,
        qtrees_and_quotas,
        luns_and_igroups,
        namespaces,
        consistency_groups,
        export_policies,
        export_clients,
        moves_and_data,
        networks,
        counters,
        accounts,
        errors,
    )
}

if __name__ == "__main__":
    HOST, PORT, USER, PASSWORD = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
    config.CONNECTION = HostConnection(
        HOST, port=PORT, username=USER, password=PASSWORD, verify=False, poll_interval=1, poll_timeout=20
    )
    for name in sys.argv[5:] or SCENARIOS:
        try:
            SCENARIOS[name]()
            failure = None
        except Exception:  # each scenario is reported, whatever went wrong in it
            failure = traceback.format_exc()
        print(json.dumps({"scenario": name, "failure": failure}), flush=True)
