// Command kube is the Kubernetes API server over an etcd of its own, in one process, for tests and the demo.
//
//	kube --etcd-data-dir=DIR -- [flags of kube-apiserver]
//
// It ends cleanly at SIGTERM, etcd last, and finds its data again when it is started on the same folder.
package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	dir := flag.String("etcd-data-dir", "", "folder of the etcd data")
	flag.Parse()

	etcd, err := startEtcd(*dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "etcd:", err)
		os.Exit(1)
	}

	command := app.NewAPIServerCommand()
	command.SetArgs(append(flag.Args(), "--etcd-servers=http://"+etcd.Clients[0].Addr().String()))
	code := cli.Run(command)
	etcd.Close()
	os.Exit(code)
}

// startEtcd returns when etcd answers. The kernel picks both ports: nobody but this process needs to know them.
func startEtcd(dir string) (*embed.Etcd, error) {
	anyPort := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	config := embed.NewConfig()
	config.Dir = dir
	config.LogLevel = "error"
	config.UnsafeNoFsync = true // survives a kill of this process, which is all that a test does
	config.ListenClientUrls, config.AdvertiseClientUrls = anyPort, anyPort
	config.ListenPeerUrls, config.AdvertisePeerUrls = anyPort, anyPort
	config.InitialCluster = config.InitialClusterFromName(config.Name)

	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return etcd, nil
	case err := <-etcd.Err():
		return nil, err
	case <-time.After(time.Minute):
		etcd.Close()
		return nil, fmt.Errorf("not ready within a minute")
	}
}
